import { expect, it } from 'vitest';
import {
  summarise,
  summariseAll,
  wilsonInterval,
  type ChoiceResult,
  type ExactResult,
} from '../../../src/engine';

/** Bounds to the digits that a table gives. */
function rounded([low, high]: readonly [number, number]) {
  return [Number(low.toFixed(4)), Number(high.toFixed(4))];
}

it('gives the Wilson intervals that Newcombe (Statistics in Medicine 17, 1998, table I) prints', () => {
  expect(rounded(wilsonInterval(81, 263))).toEqual([0.2553, 0.3662]);
  expect(rounded(wilsonInterval(15, 148))).toEqual([0.0624, 0.1605]);
  expect(rounded(wilsonInterval(0, 20))).toEqual([0, 0.1611]);
  expect(rounded(wilsonInterval(1, 29))).toEqual([0.0061, 0.1718]);
});

it('keeps the interval between 0 and 1 at its ends', () => {
  expect(wilsonInterval(0, 7)[0]).toBe(0);
  expect(wilsonInterval(7, 7)[1]).toBe(1);
});

it('sums choices up by task, in the order in which the tasks occur', () => {
  const results = [
    choice('b', 0, 0, 0.5),
    choice('a', 1, 0, 0.25),
    choice('b', 1, 1, 0.25),
    choice('b', 2, 0, 0.25),
  ];
  const [b, a] = summarise(results);
  expect(b).toMatchObject({ id: 'b', n: 3, acc: 1 / 3, acc_norm: 2 / 3, chance: 1 / 3 });
  expect(b!.ci).toEqual(wilsonInterval(1, 3));
  expect(a).toMatchObject({ id: 'a', n: 1, acc: 0, acc_norm: 1, chance: 0.25 });
  expect(summariseAll('all', results)).toMatchObject({ id: 'all', n: 4, acc: 0.25, acc_norm: 0.75 });
});

it('knows no acc_norm and no chance of exact match', () => {
  const [row] = summarise([exact(true), exact(false), exact(true)]);
  expect(row).toEqual({ id: 'e', n: 3, acc: 2 / 3, acc_norm: null, chance: null, ci: wilsonInterval(2, 3) });
});

/** A question whose right answer is the first, answered with these two choices. */
function choice(task: string, chosen: number, chosenNorm: number, chance: number): ChoiceResult {
  const question = { task, context: '', continuations: [], lengths: [], answer: 0, chance };
  return { question, isCut: false, logLikelihoods: [], isGreedy: [], chosen, chosenNorm };
}

function exact(right: boolean): ExactResult {
  const question = { task: 'e', prompt: '', target: '', stop: [], maxNewTokens: 1, judge: () => right };
  return { question, isCut: false, text: '', right };
}
