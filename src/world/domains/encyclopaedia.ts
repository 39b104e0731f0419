import { makeItem, type Item } from '../item';
import type { Random } from '../random';
import { ofLevel } from '../tasks/levels';
import { distinct, range, textsOf } from './draw';
import type { SpecialDomain } from './specialDomain';

const NAMES = ['Velm', 'Dorn', 'Fenk', 'Gral', 'Usk', 'Brel', 'Pold', 'Zim'];
const KINDS = ['plant', 'beast', 'mineral', 'island'];
const COLOURS = textsOf('colour');
const REMARKS = ['rare', 'common'];

/** What an entry states, and the values from which each entry draws its own. */
const ATTRIBUTES: Readonly<Record<string, readonly string[]>> = {
  colour: COLOURS,
  habitat: ['marsh', 'desert', 'coast', 'forest', 'lake', 'hill', 'river'],
  yield: ['oil', 'salt', 'straw', 'wool', 'silver', 'clay', 'iron'],
};

/** An entry's name and its value for each attribute that is stated. */
interface Entry {
  readonly name: string;
  readonly values: Readonly<Record<string, string>>;
}

/** Choices of each question; a look-up has as many entries, the others being the wrong choices. */
const CHOICES = 4;

/** Makers of questions, by level. */
const LEVELS: readonly ((random: Random) => Item)[] = [
  askNumber,
  (random) => lookUp(random, 2),
  (random) => lookUp(random, 3),
];

/** Dry entries on things that nobody has ever seen; their facts are drawn anew in each text. */
export const encyclopaedia: SpecialDomain = {
  id: 'encyclopaedia',
  title: 'Dry entries on made-up plants, beasts, minerals and islands',
  write(random) {
    return drawEntries(random, 2 + random.below(2), Object.keys(ATTRIBUTES))
      .map((entry) => `${stateEntry(random, entry)} ${remark(random, entry)}`)
      .join(' ');
  },
  task: {
    id: 'encyclopaedia',
    title: 'Count the entries of one kind, or look up one fact among four entries',
    levels: [
      'Six entries; how many are of one kind',
      'Four entries of two facts; a fact, or the name that goes with it',
      'Four entries of three facts; a fact, or the name that goes with it',
    ],
    choices: CHOICES,
    make(random, level) {
      return ofLevel(LEVELS, level)(random);
    },
  },
};

/**
 * How many entries are of one kind. The kinds have none, one, two and three entries; which is asked is drawn last, so
 * that the entries alone tell nothing.
 */
function askNumber(random: Random): Item {
  const counts = range(0, KINDS.length - 1);
  const order = random.shuffle(KINDS);
  const kinds = random.shuffle(order.flatMap((kind, count) => range(1, count).map(() => kind)));
  const entries = distinct(random, NAMES, kinds.length).map((name, at) =>
    stateEntry(random, { name, values: { colour: random.pick(COLOURS) } }, kinds[at]),
  );
  const answer = random.pick(counts);
  return makeItem(
    random,
    `${entries.join(' ')} How many entries have the kind ${order[answer] ?? ''}?`,
    String(answer),
    counts.filter((count) => count !== answer).map(String),
  );
}

/** A fact, or the name that goes with it, among entries of so many facts. */
function lookUp(random: Random, facts: number): Item {
  const stated = distinct(random, Object.keys(ATTRIBUTES), facts);
  return ask(random, drawEntries(random, CHOICES, stated), random.pick(stated), random.below(2) === 0);
}

/** Asks for a value, or for the name that has it; the values, and the names, occur once each. */
function ask(random: Random, entries: readonly Entry[], attribute: string, inverse: boolean): Item {
  const text = entries.map((entry) => stateEntry(random, entry)).join(' ');
  const valueOf = ({ values }: Entry) => values[attribute] ?? '';
  const asked = random.pick(entries);
  const others = entries.filter((entry) => entry !== asked);
  if (inverse) {
    const question = `${text} Look up the name with ${attribute} ${valueOf(asked)}.`;
    return makeItem(
      random,
      question,
      asked.name,
      others.map(({ name }) => name),
    );
  }
  return makeItem(
    random,
    `${text} Look up the ${attribute} of ${asked.name}.`,
    valueOf(asked),
    others.map(valueOf),
  );
}

/** Entries with different names; no value occurs in two of them. */
function drawEntries(random: Random, count: number, stated: readonly string[]): Entry[] {
  const columns = stated.map(
    (attribute) => [attribute, distinct(random, ATTRIBUTES[attribute] ?? [], count)] as const,
  );
  return distinct(random, NAMES, count).map((name, row) => ({
    name,
    values: Object.fromEntries(columns.map(([attribute, values]) => [attribute, values[row] ?? ''])),
  }));
}

/** `Velm (plant): colour grey, yield oil.` */
function stateEntry(random: Random, { name, values }: Entry, kind = random.pick(KINDS)): string {
  const facts = random.shuffle(Object.entries(values)).map(([attribute, value]) => `${attribute} ${value}`);
  return `${name} (${kind}): ${facts.join(', ')}.`;
}

function remark(random: Random, { name }: Entry): string {
  const person = random.pick(textsOf('person'));
  return random.pick([
    `A ${random.pick(REMARKS)} kind; length ${random.pick(range(2, 30))} spans.`,
    `First described by ${person} in the year ${random.pick(range(2, 99))}.`,
    `Not to be confused with ${random.pick(NAMES.filter((other) => other !== name))}.`,
    `Length ${random.pick(range(2, 30))} spans; described by ${person}.`,
  ]);
}
