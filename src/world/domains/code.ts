import { makeItem, type Item } from '../item';
import type { Random } from '../random';
import { ofLevel } from '../tasks/levels';
import { distinct, drawUntil, range } from './draw';
import type { SpecialDomain } from './specialDomain';

const VARIABLES = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];
const CHOICES = 4;
const NUMBERS = range(1, 20);

/** Words for an order of three numbers: at each place, how many of the numbers are smaller. */
const ORDERS = [
  { word: 'up', places: [0, 1, 2] },
  { word: 'down', places: [2, 1, 0] },
  { word: 'peak', places: [0, 2, 1] },
  { word: 'dip', places: [1, 0, 2] },
];

/** Ends the program of a question; in a document what is printed follows. */
const OUTPUT = '# output';

/** A program without its last statement, `print`. */
interface Program {
  readonly statements: readonly string[];
  /** What the program may print, and the number that it prints then. */
  readonly variables: readonly { readonly name: string; readonly value: number }[];
  /**
   * All that somebody may take for the output who cannot read the program. Which of them it is was drawn after
   * them, each as likely as the other; they stand equally often in the statements.
   */
  readonly results: readonly number[];
}

/** What documents are made of. */
const PROGRAMS = [literals, sums, branches];

/** Makers of questions, by level. */
const LEVELS: readonly ((random: Random) => Item)[] = [
  askSorted,
  (random) => ask(random, random.pick([literals, sums])(random)),
  (random) => ask(random, branches(random)),
];

/** A tiny formal language: `let a = 3 ; let b = a + 2 ; print b # output 5`. */
export const code: SpecialDomain = {
  id: 'code',
  title: 'Programs of a tiny formal language, with their output as a comment',
  write(random) {
    const { statements, variables } = random.pick(PROGRAMS)(random);
    const printed = distinct(random, variables, 2);
    const prints = printed.map(({ name }) => `print ${name}`);
    return `${[...statements, ...prints].join(' ; ')} ${OUTPUT} ${printed.map(({ value }) => value).join(' , ')}`;
  },
  task: {
    id: 'code',
    title: 'Say what a small program prints',
    levels: [
      'Three numbers, sorted in one of four orders',
      'One of four assigned numbers, or a sum or difference',
      'A branch of an if',
    ],
    choices: CHOICES,
    make(random, level) {
      return ofLevel(LEVELS, level)(random);
    },
  },
};

/**
 * `let a = 15 , 1 , 12 ; print sort up a # output`. The choices are what each word for an order gives; which word it is
 * is drawn last, so that the numbers alone tell nothing.
 */
function askSorted(random: Random): Item {
  const numbers = distinct(random, NUMBERS, 3);
  const sorted = [...numbers].sort((one, other) => one - other);
  const inOrder = (places: readonly number[]) => places.map((place) => sorted[place]).join(' , ');
  const [order, ...others] = random.shuffle(ORDERS);
  const name = random.pick(VARIABLES);
  const question = `let ${name} = ${numbers.join(' , ')} ; print sort ${order?.word ?? ''} ${name} ${OUTPUT}`;
  const wrong = others.map(({ places }) => inOrder(places));
  return makeItem(random, question, inOrder(order?.places ?? []), wrong);
}

/** What one variable of a program is in the end. */
function ask(random: Random, { statements, variables, results }: Program): Item {
  const { name, value } = random.pick(variables);
  const wrong = results.filter((result) => result !== value).map(String);
  return makeItem(random, `${[...statements, `print ${name}`].join(' ; ')} ${OUTPUT}`, String(value), wrong);
}

/** `let a = 3 ; let b = 7 ; let c = 5 ; let d = 9`: each number once. */
function literals(random: Random): Program {
  const results = distinct(random, NUMBERS, 4);
  const variables = named(random, results);
  return { statements: variables.map(({ name, value }) => `let ${name} = ${value}`), variables, results };
}

/** `let a = 8 ; let b = 5 ; let c = a + 2 ; let d = b - 2`: no result among the numbers. */
function sums(random: Random): Program {
  const { first, second, change, results } = drawUntil(
    () => {
      const [first = 0, second = 0] = distinct(random, range(4, 15), 2);
      const change = 1 + random.below(4);
      const results = [first + change, first - change, second + change, second - change];
      return { first, second, change, results };
    },
    ({ first, second, change, results }) =>
      new Set([first, second, change, 0, ...results]).size === results.length + 4,
  );
  const given = named(random, [first, second]);
  const taken = given.map(({ name }) => name);
  const signs = given.map(() => random.pick([1, -1]));
  const variables = random.shuffle(
    named(
      random,
      given.map(({ value }, at) => value + (signs[at] ?? 1) * change),
      taken,
    ).map((variable, at) => ({
      ...variable,
      statement: `let ${variable.name} = ${taken[at] ?? ''} ${signs[at] === 1 ? '+' : '-'} ${change}`,
    })),
  );
  const statements = [
    ...given.map(({ name, value }) => `let ${name} = ${value}`),
    ...variables.map(({ statement }) => statement),
  ];
  return { statements, variables, results };
}

/** `if 2 < 4 then a = 13 else a = 17 ; if 5 < 3 then b = 12 else b = 19`: each result once. */
function branches(random: Random): Program {
  const results = distinct(random, range(10, 29), 4);
  const [first = 0, second = 0, third = 0, fourth = 0] = results;
  const pairs = [
    { holds: random.below(2) === 0, then: first, otherwise: second },
    { holds: random.below(2) === 0, then: third, otherwise: fourth },
  ];
  const variables = named(
    random,
    pairs.map(({ holds, then, otherwise }) => (holds ? then : otherwise)),
  );
  const statements = pairs.map(({ holds, then, otherwise }, at) => {
    const [low = 0, high = 0] = distinct(random, range(1, 9), 2).sort((a, b) => a - b);
    const condition = holds ? `${low} < ${high}` : `${high} < ${low}`;
    const name = variables[at]?.name ?? '';
    return `if ${condition} then ${name} = ${then} else ${name} = ${otherwise}`;
  });
  return { statements, variables, results };
}

/** Gives each value a variable of its own, none of those in use. */
function named(random: Random, values: readonly number[], used: readonly string[] = []) {
  const free = VARIABLES.filter((name) => !used.includes(name));
  return distinct(random, free, values.length).map((name, at) => ({ name, value: values[at] ?? 0 }));
}
