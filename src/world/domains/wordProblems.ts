import { makeItem, type Item } from '../item';
import type { Random } from '../random';
import { ofLevel } from '../tasks/levels';
import { distinct, drawUntil, range, textsOf } from './draw';
import type { SpecialDomain } from './specialDomain';

const GOODS = ['nuts', 'beads', 'eggs', 'coins', 'pens', 'figs'];

/** What becomes of somebody's goods: more of them, or fewer. */
const VERBS = { '+': ['finds', 'buys', 'wins'], '-': ['loses', 'sells', 'drops'] } as const;
type Sign = keyof typeof VERBS;
const SIGNS: readonly Sign[] = ['+', '-'];

/** Makers of questions, by level. */
const LEVELS: readonly ((random: Random) => Item)[] = [
  askOneChange,
  (random) => askTwoOwners(random, random.below(2) === 0),
  askTwoChanges,
];

const names = textsOf('person');

/** Arithmetic in words, worked out step by step. */
export const wordProblems: SpecialDomain = {
  id: 'word_problems',
  title: 'Arithmetic word problems, worked out step by step',
  write(random) {
    const [first = 0, second = 0] = distinct(random, range(2, 99), 2);
    const [one, other] = distinct(random, [changes, total, boxes], 2);
    return [one, other]
      .map((solve, at) => `Problem ${at === 0 ? first : second}: ${(solve ?? changes)(random)}`)
      .join(' ');
  },
  task: {
    id: 'word_problems',
    title: 'Say how many things somebody has in the end',
    levels: [
      'One owner, one small change',
      'Two owners, one change for both, or one for each',
      'One owner, two changes, and the goods of somebody else',
    ],
    choices: 4,
    make(random, level) {
      return ofLevel(LEVELS, level)(random);
    },
  },
};

/**
 * One owner, and two to five more or fewer. The choices lie as far above the number as below it: which of two changes
 * it was and what the verb means is drawn after them.
 */
function askOneChange(random: Random): Item {
  const { start, changes, results } = drawUntil(
    () => {
      const start = random.pick(range(6, 16));
      const changes = distinct(random, range(2, 5), 2);
      const results = changes.flatMap((change) => [start + change, start - change]);
      return { start, changes, results };
    },
    ({ start, changes, results }) => areFair(results, [start, ...changes]),
  );
  const goods = random.pick(GOODS);
  const name = random.pick(names);
  const sign = random.pick(SIGNS);
  const change = random.pick(changes);
  return itemOf(
    random,
    [`${name} has ${start} ${goods}.`, `${name} ${random.pick(VERBS[sign])} ${change} ${goods}.`],
    `How many ${goods} has ${name} now?`,
    apply(start, sign, change),
    results,
  );
}

/**
 * Two owners, and so many more or fewer. The choices are both numbers with both signs: whom the question names and
 * what the verb means is drawn after them, so that nothing else tells the answer.
 */
function askTwoOwners(random: Random, together: boolean): Item {
  const { counts, change, results } = drawUntil(
    () => {
      const counts = distinct(random, together ? range(4, 14) : range(5, 20), 2);
      const change = 2 + random.below(together ? 3 : 5);
      return { counts, change, results: counts.flatMap((count) => [count + change, count - change]) };
    },
    ({ counts, change, results }) => areFair(results, [...counts, change]),
  );
  const goods = random.pick(GOODS);
  const sign = random.pick(SIGNS);
  const owners = distinct(random, names, 2).map((name, at) => ({
    name,
    count: counts[at] ?? 0,
    sign: together ? sign : random.pick(SIGNS),
  }));
  const asked = random.pick(owners);
  const changed = together
    ? [`Each of them ${random.pick(VERBS[sign])} ${change} ${goods}.`]
    : random
        .shuffle(owners)
        .map((owner) => `${owner.name} ${random.pick(VERBS[owner.sign])} ${change} ${goods}.`);
  return itemOf(
    random,
    [...owners.map(({ name, count }) => `${name} has ${count} ${goods}.`), ...changed],
    `How many ${goods} has ${asked.name} now?`,
    apply(asked.count, asked.sign, change),
    results,
  );
}

/** Two changes; the choices are all four readings of the two verbs. */
function askTwoChanges(random: Random): Item {
  const { start, first, second, aside, results } = drawUntil(
    () => {
      const [start = 0, aside = 0] = distinct(random, range(12, 30), 2);
      const [first = 0, second = 0] = distinct(random, range(2, 9), 2);
      const results = SIGNS.flatMap((one) =>
        SIGNS.map((other) => apply(apply(start, one, first), other, second)),
      );
      return { start, first, second, aside, results };
    },
    ({ start, first, second, aside, results }) => areFair(results, [start, first, second, aside]),
  );
  const goods = random.pick(GOODS);
  const [owner = '', another = ''] = distinct(random, names, 2);
  const one = random.pick(SIGNS);
  const two = random.pick(SIGNS);
  return itemOf(
    random,
    [
      ...random.shuffle([`${owner} has ${start} ${goods}.`, `${another} has ${aside} ${goods}.`]),
      `${owner} ${random.pick(VERBS[one])} ${first} ${goods}.`,
      `Then ${owner} ${random.pick(VERBS[two])} ${second} ${goods}.`,
    ],
    `How many ${goods} has ${owner} now?`,
    apply(apply(start, one, first), two, second),
    results,
  );
}

function itemOf(
  random: Random,
  sentences: readonly string[],
  question: string,
  answer: number,
  results: readonly number[],
) {
  const wrong = results.filter((result) => result !== answer).map(String);
  return makeItem(random, `${sentences.join(' ')} ${question}`, String(answer), wrong);
}

/** `Mia has 8 nuts. Mia finds 5 nuts. How many nuts has Mia now? Step 1: 8 + 5 = 13. Answer: 13 nuts.` */
function changes(random: Random): string {
  const name = random.pick(names);
  const goods = random.pick(GOODS);
  const start = random.pick(range(18, 30));
  const steps = distinct(random, range(2, 9), 1 + random.below(2)).map((change) => ({
    change,
    sign: random.pick(SIGNS),
  }));
  let now = start;
  const worked = steps.map(({ change, sign }, at) => {
    const before = now;
    now = apply(now, sign, change);
    return `Step ${at + 1}: ${before} ${sign} ${change} = ${now}.`;
  });
  return [
    `${name} has ${start} ${goods}.`,
    ...steps.map(({ change, sign }) => `${name} ${random.pick(VERBS[sign])} ${change} ${goods}.`),
    `How many ${goods} has ${name} now?`,
    ...worked,
    `Answer: ${now} ${goods}.`,
  ].join(' ');
}

function total(random: Random): string {
  const [one = '', other = ''] = distinct(random, names, 2);
  const goods = random.pick(GOODS);
  const [first = 0, second = 0] = distinct(random, range(2, 15), 2);
  const sum = first + second;
  return (
    `${one} has ${first} ${goods} and ${other} has ${second} ${goods}. How many ${goods} have they together? ` +
    `Step 1: ${first} + ${second} = ${sum}. Answer: ${sum} ${goods}.`
  );
}

function boxes(random: Random): string {
  const name = random.pick(names);
  const goods = random.pick(GOODS);
  const [count = 0, each = 0] = distinct(random, range(2, 6), 2);
  return (
    `${name} has ${count} boxes of ${each} ${goods} each. How many ${goods} has ${name} now? ` +
    `Step 1: ${count} x ${each} = ${count * each}. Answer: ${count * each} ${goods}.`
  );
}

function apply(count: number, sign: Sign, change: number): number {
  return sign === '+' ? count + change : count - change;
}

/** Results that somebody can have, none of them the same as another or as a number of the text. */
function areFair(results: readonly number[], given: readonly number[]): boolean {
  const shown = new Set(given);
  return (
    results.every((result) => result > 0 && !shown.has(result)) && new Set(results).size === results.length
  );
}
