import type { Lexicon, Word } from './grammar';
import * as words from './lexicon';
import { seededRandom, type Random } from '../random';

/** Seed of the facts. The bundled checkpoints learned the facts of this seed. */
export const WORLD_SEED = 20;

/** Largest number that is written, and the largest of those that are written often (from 2, for the plural's sake). */
const MOST = 99;
const SMALL = 20;

type Draft = { forms: Record<string, string>; links: Record<string, Word> };

const PRONOUNS = {
  she: { they: 'she', them: 'her', their: 'her' },
  he: { they: 'he', them: 'him', their: 'his' },
} as const;

/**
 * The entities with everything that is true of them. Facts do not depend on the order in which sentences are
 * made: they are drawn once, from the seed, and hold in every domain.
 */
export function buildLexicon(seed: number = WORLD_SEED): Lexicon {
  const random = seededRandom(seed);
  const places = rows(words.PLACES).map(([text = '', at = '', to = '']) =>
    draft({ text, the: `the ${text}`, at, to }),
  );
  const things = rows(words.THINGS).map(([text = '', article = '']) =>
    draft({ text, a: `${article} ${text}`, the: `the ${text}`, many: plural(text), letter: initial(text) }),
  );
  const animals = rows(words.ANIMALS).map(([text = '', habit = '']) =>
    draft({
      text,
      a: withArticle(text),
      the: `the ${text}`,
      habit,
      many: plural(text),
      letter: initial(text),
    }),
  );
  const trades = rows(words.TRADES).map(([text = '', does = '']) =>
    draft({ text, a: withArticle(text), the: `the ${text}`, does }),
  );
  const people = rows(words.PEOPLE).map(([text = '', pronoun = '']) =>
    draft({ text, ...PRONOUNS[pronoun === 'he' ? 'he' : 'she'] }),
  );
  const foods = plain(words.FOODS);
  const moodRows = rows(words.MOODS);
  const moods = moodRows.map(([text = '', cure = '']) => draft({ text, cure }));
  const causes = moodRows.flatMap(([, , ...clauses], index) =>
    clauses.map((text) => draft({ text }, { mood: at(moods, index) })),
  );

  deal(random, people, 'home', places);
  deal(random, people, 'trade', trades);
  deal(random, people, 'pet', animals);
  deal(random, people, 'food', foods);
  ring(random, people, 'friend');
  ring(random, places, 'near');
  deal(random, places, 'look', plain(words.LOOKS));
  deal(random, places, 'store', things);
  deal(random, things, 'stuff', plain(words.STUFFS));
  deal(random, trades, 'tool', things);

  return {
    ...buildOrders(),
    person: people,
    place: places,
    thing: things,
    animal: animals,
    trade: trades,
    food: foods,
    mood: moods,
    cause: causes,
    joy: plain(words.JOYS),
    time: plain(words.TIMES),
    sky: plain(words.SKIES),
    colour: plain(words.COLOURS),
  };
}

/** Words that stand in an order: each but the last of a line is linked to the `next` one. */
function buildOrders(): Lexicon {
  const numbers = plain(Array.from({ length: MOST + 1 }, (_, n) => String(n)));
  const days = plain(words.WEEKDAYS);
  const months = plain(words.MONTHS);
  const letters = plain(words.LETTERS);
  for (const line of [numbers, letters, [...days, at(days, 0)], [...months, at(months, 0)]]) {
    line.slice(1).forEach((word, index) => (at(line, index).links['next'] = word));
  }
  return {
    number: numbers.slice(0, MOST + 1),
    small: numbers.slice(2, SMALL + 1),
    day: days,
    month: months,
    letter: letters.slice(0, -1),
    numeral: plain(words.NUMBER_WORDS.slice(1)),
  };
}

/** Gives each word one of the targets, as evenly as their numbers allow. */
function deal(random: Random, from: readonly Draft[], link: string, targets: readonly Word[]): void {
  const order = random.shuffle(targets);
  random.shuffle(from).forEach((word, index) => (word.links[link] = at(order, index % order.length)));
}

/** Links each word to another one of the same list, never to itself. */
function ring(random: Random, list: readonly Draft[], link: string): void {
  const order = random.shuffle(list);
  order.forEach((word, index) => (word.links[link] = at(order, (index + 1) % order.length)));
}

function rows(table: string): string[][] {
  return table
    .trim()
    .split('\n')
    .map((line) => line.split('|'));
}

function plain(list: readonly string[]): Draft[] {
  return list.map((text) => draft({ text }));
}

function draft(forms: Record<string, string>, links: Record<string, Word> = {}): Draft {
  return { forms, links };
}

function plural(text: string): string {
  if (text.endsWith('y')) return `${text.slice(0, -1)}ies`;
  return text.endsWith('x') ? `${text}es` : `${text}s`;
}

function initial(text: string): string {
  return text.charAt(0).toUpperCase();
}

/** `a drum`, `an owl`. */
export function withArticle(text: string): string {
  return `${/^[aeiou]/.test(text) ? 'an' : 'a'} ${text}`;
}

function at<T>(list: readonly T[], index: number): T {
  const item = list[index];
  if (item === undefined) throw new RangeError(`no item ${index} in a list of ${list.length}`);
  return item;
}
