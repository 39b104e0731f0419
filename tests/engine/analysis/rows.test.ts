import { describe, expect, test } from 'vitest';
import { layOutFeatures } from '../../../src/engine/analysis/features/passes';
import { chooseRows, usualChoice } from '../../../src/engine/analysis/features/rows';
import type { TokenExample } from '../../../src/engine/data/examples';

/** An example of `length` ids that count up from `first`, learnt from position `start` on. */
function example(length: number, start: number, task?: string, first = 0): TokenExample {
  return {
    ids: Uint32Array.from({ length }, (_, t) => first + t),
    train: Uint8Array.from({ length }, (_, t) => Number(t >= start)),
    task,
  };
}

describe('the rows that are looked at', () => {
  test('are the last tokens of the prompts', () => {
    const examples = [example(5, 3, 'a', 10), example(9, 2, undefined, 20)];
    expect(chooseRows(examples, { choice: 'prompt_end', most: 10, seed: 1 })).toEqual([
      { sample: 0, position: 2, token: 12, task: 'a' },
      { sample: 1, position: 1, token: 21, task: null },
    ]);
  });

  test('or all tokens whose successor counts', () => {
    const rows = chooseRows([example(5, 3, 'a', 10), example(3, 1)], {
      choice: 'counted',
      most: 99,
      seed: 1,
    });
    expect(rows.map(({ sample, position }) => [sample, position])).toEqual([
      ...[
        [0, 2],
        [0, 3],
      ],
      ...[
        [1, 0],
        [1, 1],
      ],
    ]);
  });

  test('are the same number of each task, as far as it has them, spread over its examples', () => {
    const examples = Array.from({ length: 100 }, (_, i) => example(4, 2, i < 3 ? 'few' : `many ${i % 2}`));
    for (const seed of [0, 1, 2]) {
      const rows = chooseRows(examples, { choice: 'prompt_end', most: 24, seed });
      const samples = (task: string) => rows.filter((row) => row.task === task).map(({ sample }) => sample);
      expect([samples('few').length, samples('many 0').length, samples('many 1').length]).toEqual([
        3, 10, 11,
      ]);
      const even = samples('many 0');
      const gaps = even.slice(1).map((sample, i) => sample - even[i]!);
      // 48 candidates, every second example: 4 or 5 of them apart, 8 or 10 examples.
      expect(Math.min(...gaps)).toBeGreaterThanOrEqual(8);
      expect(Math.max(...gaps)).toBeLessThanOrEqual(10);
      expect(rows).toEqual(chooseRows(examples, { choice: 'prompt_end', most: 24, seed }));
    }
    const chosen = [1, 2].map((seed) => chooseRows(examples, { choice: 'prompt_end', most: 24, seed }));
    expect(chosen[0]).not.toEqual(chosen[1]);
  });

  test('are the ends of prompts only where all examples have one', () => {
    expect(usualChoice([example(5, 3), example(5, 2)])).toBe('prompt_end');
    expect(usualChoice([example(5, 3), example(5, 1)])).toBe('counted');
  });
});

describe('passes', () => {
  test('hold each example up to its last chosen token, and say which rows are read', () => {
    const examples = [example(9, 3, undefined, 10), example(6, 2, undefined, 30), example(400, 2)];
    const rows = chooseRows(examples.slice(0, 2), { choice: 'counted', most: 99, seed: 0 }).filter(
      ({ position }) => position < 5,
    );
    const { rows: N, passes } = layOutFeatures(examples, rows, 99);
    expect([N, passes.length]).toEqual([10, 1]);
    const [{ batch, chosen }] = passes as [(typeof passes)[number]];
    expect(Array.from(batch.tokens)).toEqual([10, 11, 12, 13, 14, 30, 31, 32, 33, 34]);
    expect(Array.from(batch.first)).toEqual([0, 0, 0, 0, 0, 5, 5, 5, 5, 5]);
    for (const { row, index } of chosen) expect(batch.tokens[row]).toBe(rows[index]?.token);
    expect(new Set(chosen.map(({ index }) => index))).toEqual(new Set(rows.keys()));
  });

  test('are run again where more is read of them than there is room for', () => {
    const examples = [example(9, 3)];
    const rows = chooseRows(examples, { choice: 'counted', most: 99, seed: 0 });
    const { passes } = layOutFeatures(examples, rows, 4);
    expect(passes.map(({ chosen }) => chosen.map(({ index }) => index))).toEqual([
      [0, 1, 2, 3],
      [4, 5],
    ]);
    expect(passes[1]?.batch).toBe(passes[0]?.batch);
  });
});
