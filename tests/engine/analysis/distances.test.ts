import { describe, expect, it } from 'vitest';
import { cosines, expertDistances, relativeDistances } from '../../../src/engine/analysis/distances';
import type { Matrix } from '../../../src/engine/analysis/matrix';
import { randomMatrix } from '../../support/matrices';

const DIGITS = 12; // float64

const initial = [1, 2, 3].map((seed) => randomMatrix(4, 10, seed));

function changed(matrix: Matrix, change: (value: number, k: number) => number): Matrix {
  return { ...matrix, values: matrix.values.map(change) };
}

/** The three values of the pairs of three experts. */
function pairs(table: readonly (readonly (number | undefined)[])[]) {
  return [table[0]![1], table[0]![2], table[1]![2]];
}

describe('distances between experts', () => {
  it('are 0 for equal, √2 for orthogonal and 2 for opposite matrices of one length', () => {
    const rows = [Float32Array.of(3, 0), Float32Array.of(0, 3), Float32Array.of(-3, 0)];
    const distance = relativeDistances(rows.map((values) => ({ rows: 1, cols: 2, values })));
    expect(pairs(distance)).toEqual(
      [Math.SQRT2, 2, Math.SQRT2].map((d) => expect.closeTo(d, DIGITS) as number),
    );
    distance.forEach((row, i) => {
      expect(row[i]).toBe(0);
      row.forEach((value, j) => {
        expect(value).toBe(distance[j]![i]);
      });
    });
  });

  it('say that experts which move by the same amount are tied', () => {
    const step = randomMatrix(4, 10, 9).values;
    const { kept, direction, distance } = expertDistances(
      initial.map((matrix) => changed(matrix, (value, k) => value + 100 * step[k]!)),
      initial,
    );
    for (const value of [...pairs(kept), ...pairs(direction)]) expect(value).toBeCloseTo(1, DIGITS);
    // Beside what they share, the difference that they keep has become small.
    for (const value of pairs(distance)) expect(value).toBeLessThan(0.05);
    expect(kept[0]![0]).toBeUndefined();
  });

  it('tell differences that shrink along their direction from experts that part', () => {
    const decayed = expertDistances(
      initial.map((matrix) => changed(matrix, (value) => 0.25 * value)),
      initial,
    );
    for (const value of pairs(decayed.kept)) expect(value).toBeCloseTo(0.25, DIGITS);
    for (const value of pairs(decayed.direction)) expect(value).toBeCloseTo(1, DIGITS);
    const parted = expertDistances(
      initial.map((matrix, i) =>
        changed(matrix, (value, k) => value + randomMatrix(4, 10, 20 + i).values[k]!),
      ),
      initial,
    );
    for (const value of pairs(parted.direction)) expect(value).toBeLessThan(0.95);
  });

  it('have no ratio where experts began equal, and need as many at the start', () => {
    const [a, b] = [initial[0]!, initial[1]!];
    const { kept, direction } = expertDistances([a, b], [a, a]);
    expect(kept[0]![1]).toBeUndefined();
    expect(direction[0]![1]).toBeUndefined();
    expect(() => expertDistances([a, b], [a])).toThrow(RangeError);
    expect(() => expertDistances([a, randomMatrix(4, 9, 1)], [a, b])).toThrow(RangeError);
  });

  it('refuse weights of a run that diverged', () => {
    const broken = changed(initial[0]!, () => NaN);
    expect(() => relativeDistances([broken, initial[1]!])).toThrow(/^experts: .*not finite/);
  });
});

describe('cosines of gradients', () => {
  it('are 1 for the same direction, −1 for the opposite, and undefined for no gradient', () => {
    const [a, b] = [initial[0]!, initial[1]!];
    const opposite = changed(a, (value) => -2 * value);
    const zero = changed(a, () => 0);
    const table = cosines([a, changed(a, (value) => 7 * value), opposite, b, zero]);
    expect(table[0]![0]).toBeCloseTo(1, DIGITS);
    expect(table[0]![1]).toBeCloseTo(1, DIGITS);
    expect(table[0]![2]).toBeCloseTo(-1, DIGITS);
    expect(Math.abs(table[0]![3]!)).toBeLessThan(0.6);
    expect(table[0]!.at(-1)).toBeUndefined();
    expect(table.at(-1)!.at(-1)).toBeUndefined();
  });
});
