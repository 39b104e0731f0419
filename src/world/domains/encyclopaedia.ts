import { makeItem, type Item } from '../item';
import type { Random } from '../random';
import { ofLevel } from '../tasks/levels';
import { distinct, range, textsOf } from './draw';
import type { SpecialDomain } from './specialDomain';

const NAMES = ['Velm', 'Dorn', 'Fenk', 'Gral', 'Usk', 'Brel', 'Pold', 'Zim'];
const KINDS = ['plant', 'beast', 'mineral', 'island'];
const REMARKS = ['rare', 'common'];

/** What an entry states, and the values from which each entry draws its own. */
const ATTRIBUTES: Readonly<Record<string, readonly string[]>> = {
  colour: textsOf('colour'),
  habitat: ['marsh', 'desert', 'coast', 'forest', 'lake', 'hill', 'river'],
  yield: ['oil', 'salt', 'straw', 'wool', 'silver', 'clay', 'iron'],
};

/** An entry's name and its value for each attribute that is stated. */
interface Entry {
  readonly name: string;
  readonly values: Readonly<Record<string, string>>;
}

/** Entries of a question; four, so that the other three are the wrong choices. */
const ENTRIES = 4;

/** How many attributes each entry states, and whether the name may be asked for; by level. */
const LEVELS = [
  { attributes: 1, inverse: false },
  { attributes: 2, inverse: true },
  { attributes: 3, inverse: true },
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
    title: 'Look up one fact among four entries',
    levels: [
      'Four entries of one fact; a fact is asked',
      'Four entries of two facts; a fact, or the name that goes with it',
      'Four entries of three facts; a fact, or the name that goes with it',
    ],
    choices: ENTRIES,
    make(random, level) {
      const { attributes, inverse } = ofLevel(LEVELS, level);
      const stated = distinct(random, Object.keys(ATTRIBUTES), attributes);
      const entries = drawEntries(random, ENTRIES, stated);
      return ask(random, entries, random.pick(stated), inverse && random.below(2) === 0);
    },
  },
};

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
function stateEntry(random: Random, { name, values }: Entry): string {
  const facts = random.shuffle(Object.entries(values)).map(([attribute, value]) => `${attribute} ${value}`);
  return `${name} (${random.pick(KINDS)}): ${facts.join(', ')}.`;
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
