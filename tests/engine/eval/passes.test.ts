import { expect, it } from 'vitest';
import type { Continuation } from '../../../src/engine/eval/continuation';
import { layOutPasses } from '../../../src/engine/eval/passes';
import { randomIntegers } from '../../support/random';

/** What each continuation is read from: the tokens that its row may attend to, their last position, and the token. */
function readings(continuations: readonly Continuation[]) {
  const { passes } = layOutPasses(continuations);
  const found = continuations.map((): { context: number[]; position: number; token: number }[] => []);
  for (const { batch, wanted } of passes) {
    for (const { continuation, row, token } of wanted) {
      const first = batch.first[row]!;
      const context = Array.from(batch.tokens.subarray(first, row + 1));
      found[continuation]!.push({ context, position: batch.positions[row]!, token });
    }
  }
  return found;
}

it('reads each token of each continuation behind all that stands before it', () => {
  const continuations = Array.from({ length: 60 }, (_, i) => ({
    ids: Array.from(randomIntegers(2 + ((i * 37) % 90), 50, i)),
    scored: 1 + (i % 2 === 0 ? 0 : (i * 37) % 90),
  }));
  expect(layOutPasses(continuations).passes.length).toBeGreaterThan(2);
  const wanted = continuations.map(({ ids, scored }) =>
    Array.from({ length: scored }, (_, at) => {
      const place = ids.length - scored + at;
      return { context: ids.slice(0, place), position: place - 1, token: ids[place] };
    }),
  );
  expect(readings(continuations)).toEqual(wanted);
});

it('computes equal inputs once, whatever is predicted and wherever the continuation begins', () => {
  const continuations = [
    { ids: [5, 6, 7], scored: 1 },
    { ids: [5, 6, 8], scored: 1 },
    { ids: [5, 6, 9], scored: 2 },
    { ids: [5, 6, 7, 8], scored: 1 },
  ];
  const { rows, passes } = layOutPasses(continuations);
  expect(rows).toBe(2 + 3);
  expect(passes).toHaveLength(1);
  expect(readings(continuations)[2]).toEqual([
    { context: [5], position: 0, token: 6 },
    { context: [5, 6], position: 1, token: 9 },
  ]);
});

it('takes passes as long as the longest input where that is long, and as short as all inputs where they are few', () => {
  const ids = (length: number) => Array.from({ length: length + 1 }, (_, i) => i);
  expect(layOutPasses([{ ids: ids(700), scored: 1 }]).rows).toBe(700);
  expect(layOutPasses([{ ids: ids(3), scored: 1 }]).rows).toBe(3);
});
