import { describe, expect, test } from 'vitest';
import { IGNORED, microBatch, trainingBatches, validationBatches } from '../../../src/engine/data/batch';
import { rowsOf, type TokenExample } from '../../../src/engine/data/examples';
import { packExamples, type PackedLine } from '../../../src/engine/data/pack';
import { permutation, splitBySeed } from '../../../src/engine/data/shuffle';

/** An example of `rows` rows whose ids are start, start + 1, …; all but the first `silent` targets count. */
function example(rows: number, start: number, silent = 0): TokenExample {
  return {
    ids: Uint32Array.from({ length: rows + 1 }, (_, index) => start + index),
    train: Uint8Array.from({ length: rows + 1 }, (_, index) => (index > silent ? 1 : 0)),
    task: undefined,
  };
}

describe('packing', () => {
  test('puts each example, longest first, into the fullest line with room for it', () => {
    const examples = [3, 6, 4, 5, 2, 2].map((rows, index) => example(rows, 100 * index));
    const packed = packExamples(examples, 8).map((line) => line.map(rowsOf));
    // 6 | 5 | 4, then 3 joins the 5 (full), 2 joins the 6 (full), 2 joins the 4.
    expect(packed).toEqual([
      [6, 2],
      [5, 3],
      [4, 2],
    ]);
  });

  test('keeps every example whole and inside its line', () => {
    const rows = permutation(200, 3, 'epoch').map((value) => 1 + (value % 32));
    const examples = Array.from(rows, (length, index) => example(length, 1000 * index));
    const packed = packExamples(examples, 32);
    expect(new Set(packed.flat())).toEqual(new Set(examples));
    expect(packed.flat()).toHaveLength(examples.length);
    for (const line of packed) {
      expect(line.reduce((sum, item) => sum + rowsOf(item), 0)).toBeLessThanOrEqual(32);
    }
    const total = rows.reduce((sum, value) => sum + value, 0);
    expect(packed.length).toBe(Math.ceil(total / 32)); // many short examples leave no gap
  });

  test('refuses an example that does not fit', () => {
    expect(() => packExamples([example(9, 0)], 8)).toThrow(RangeError);
  });
});

describe('a micro-batch', () => {
  test('shifts targets, restarts positions and keeps examples to themselves', () => {
    const batch = microBatch([[example(3, 10, 1), example(2, 20)], [example(4, 30, 2)]], 2, 6);
    expect(batch).toEqual({
      tokens: Uint32Array.of(10, 11, 12, 20, 21, 0, 30, 31, 32, 33, 0, 0),
      targets: Int32Array.of(-100, 12, 13, 21, 22, -100, -100, -100, 33, 34, -100, -100),
      positions: Uint32Array.of(0, 1, 2, 0, 1, 0, 0, 1, 2, 3, 0, 0),
      first: Uint32Array.of(0, 0, 0, 3, 3, 5, 6, 6, 6, 6, 10, 11),
      last: Uint32Array.of(2, 2, 2, 4, 4, 5, 9, 9, 9, 9, 10, 11),
      counted: 6,
    });
  });

  test('fills up with padding that attends to itself', () => {
    const batch = microBatch([], 1, 3);
    expect(batch.counted).toBe(0);
    expect([...batch.targets]).toEqual([IGNORED, IGNORED, IGNORED]);
    expect([...batch.first]).toEqual([0, 1, 2]);
    expect([...batch.last]).toEqual([0, 1, 2]);
  });
});

describe('training batches', () => {
  const lines: PackedLine[] = Array.from({ length: 7 }, (_, index) => [example(2, 10 * (index + 1))]);
  const order = { batch: 2, accumulation: 3, maxLength: 2, seed: 5 };
  const lineNumbers = (seed: number, steps: number) => {
    const batches = trainingBatches(lines, { ...order, seed });
    return Array.from({ length: steps * 3 }, (_, index) => {
      const { tokens } = batches.batchFor(Math.floor(index / 3), index % 3);
      return [tokens[0]! / 10, tokens[2]! / 10];
    }).flat();
  };

  test('show every line once in each epoch, in another order', () => {
    const seen = lineNumbers(5, 7); // 42 lines: six epochs
    const epochs = Array.from({ length: 6 }, (_, epoch) => seen.slice(epoch * 7, epoch * 7 + 7));
    for (const epoch of epochs) expect(epoch.toSorted()).toEqual([1, 2, 3, 4, 5, 6, 7]);
    expect(new Set(epochs.map(String)).size).toBeGreaterThan(1);
  });

  test('depend on the seed, and on nothing that was asked before', () => {
    expect(lineNumbers(5, 4)).toEqual(lineNumbers(5, 4));
    expect(lineNumbers(5, 4)).not.toEqual(lineNumbers(6, 4));
    const batches = trainingBatches(lines, order);
    const expected = batches.batchFor(3, 1);
    batches.batchFor(40, 2);
    expect(batches.batchFor(3, 1)).toEqual(expected);
    expect(trainingBatches(lines, order).batchFor(3, 1)).toEqual(expected);
  });

  test('know how many epochs are done', () => {
    expect(trainingBatches(lines, order).epochAt(7)).toBe(6);
  });

  test('a single line makes a batch by itself, again and again', () => {
    const { tokens } = trainingBatches(lines.slice(0, 1), order).batchFor(0, 0);
    expect([...tokens]).toEqual([10, 11, 10, 11]);
  });

  test('validation shows every line once, in order', () => {
    const batches = validationBatches(lines, 2, 2);
    expect(batches.map(({ tokens }) => [tokens[0], tokens[2]])).toEqual([
      [10, 20],
      [30, 40],
      [50, 60],
      [70, 0],
    ]);
    expect(batches.reduce((sum, batch) => sum + batch.counted, 0)).toBe(14);
  });
});

describe('splitting', () => {
  const items = Array.from({ length: 100 }, (_, index) => index);

  test.each([
    [100, 0.05, 5],
    [100, 0, 0],
    [10, 0.01, 1],
    [2, 0.99, 1],
    [2, 0.05, 1],
    [1, 0.5, 0],
  ])('of %i items with val_size %d holds out %i', (count, valSize, held) => {
    const { train, validation } = splitBySeed(items.slice(0, count), valSize, 42);
    expect(validation).toHaveLength(held);
    expect([...train, ...validation].toSorted((a, b) => a - b)).toEqual(items.slice(0, count));
  });

  test('repeats with the seed and changes with it', () => {
    const held = (seed: number) => splitBySeed(items, 0.2, seed).validation;
    expect(held(1)).toEqual(held(1));
    expect(held(1)).not.toEqual(held(2));
  });

  test('draws every item about equally often', () => {
    const counts = items.map(() => 0);
    for (let seed = 0; seed < 400; seed++) {
      for (const item of splitBySeed(items, 0.25, seed).validation) counts[item]! += 1;
    }
    // Binomial(400, 1/4): mean 100, standard deviation 8.7; five of them leave a fair draw untouched.
    expect(Math.min(...counts)).toBeGreaterThan(100 - 5 * 8.7);
    expect(Math.max(...counts)).toBeLessThan(100 + 5 * 8.7);
  });
});
