import { describe, expect, it } from 'vitest';
import { adjacentCka, ckaMap, linearCka } from '../../../src/engine/analysis/cka';
import type { Matrix } from '../../../src/engine/analysis/matrix';
import { multiplied, orthogonal, randomMatrix } from '../../support/matrices';

/** Digits that float64 keeps through the sums of these sizes: some 10³ roundings of 2⁻⁵³. */
const DIGITS = 12;

/** CKA from its definition, element by element. */
function plainCka(x: Matrix, y: Matrix): number {
  const [a, b] = [x, y].map(columnsLessMean) as [number[][], number[][]];
  const cross = (left: number[][], right: number[][]) =>
    left.reduce(
      (sum, p) => sum + right.reduce((row, q) => row + p.reduce((dot, v, i) => dot + v * q[i]!, 0) ** 2, 0),
      0,
    );
  return cross(a, b) / Math.sqrt(cross(a, a) * cross(b, b));
}

function columnsLessMean({ rows, cols, values }: Matrix): number[][] {
  return Array.from({ length: cols }, (_, j) => {
    const column = Array.from({ length: rows }, (_, i) => values[i * cols + j]!);
    const mean = column.reduce((sum, value) => sum + value, 0) / rows;
    return column.map((value) => value - mean);
  });
}

describe('linear CKA', () => {
  it.each([
    ['few columns', 40, 3, 5],
    ['more columns than rows', 7, 30, 41],
    ['one column against many', 12, 1, 50],
  ])('follows its definition with %s', (_, rows, d, e) => {
    const [x, y] = [randomMatrix(rows, d, 1), randomMatrix(rows, e, 2)];
    expect(linearCka(x, y)).toBeCloseTo(plainCka(x, y), DIGITS);
  });

  it('is 1 for the same features, turned, scaled and moved', () => {
    const x = randomMatrix(30, 6, 1);
    const turned = multiplied(x, orthogonal(6, 2));
    const moved = { ...turned, values: turned.values.map((value, k) => -3.5 * value + (k % 6)) };
    expect(linearCka(x, moved)).toBeCloseTo(1, DIGITS);
  });

  it('is not changed by an orthogonal map or a factor on either side', () => {
    const [x, y] = [randomMatrix(30, 6, 1), randomMatrix(30, 4, 2)];
    const plain = linearCka(x, y)!;
    expect(plain).toBeGreaterThan(0);
    expect(plain).toBeLessThan(0.9);
    expect(linearCka(multiplied(x, orthogonal(6, 3)), y)).toBeCloseTo(plain, DIGITS);
    expect(linearCka(x, { ...y, values: y.values.map((value) => 1e-3 * value) })).toBeCloseTo(plain, DIGITS);
    // A map that stretches one direction does change it.
    const stretched = x.values.map((value, k) => (k % 6 === 0 ? 10 : 1) * value);
    expect(Math.abs(linearCka({ ...x, values: stretched }, y)! - plain)).toBeGreaterThan(1e-3);
  });

  it('is 0 for centred features in orthogonal spaces', () => {
    const x = { rows: 4, cols: 1, values: Float32Array.of(1, -1, 1, -1) };
    const y = { rows: 4, cols: 1, values: Float32Array.of(1, 1, -1, -1) };
    expect(linearCka(x, y)).toBe(0);
  });

  it('is undefined where a side does not vary, whatever its values', () => {
    const x = randomMatrix(10, 3, 1);
    const constant = (value: number) => ({ rows: 10, cols: 2, values: new Float64Array(20).fill(value) });
    for (const value of [0, 1, 0.1, 1e30 / 3]) {
      expect(linearCka(x, constant(value))).toBeUndefined();
      expect(linearCka(constant(value), x)).toBeUndefined();
    }
    expect(linearCka(x, { rows: 10, cols: 0, values: new Float64Array() })).toBeUndefined();
  });

  it('refuses features of a run that diverged, and other inputs', () => {
    const x = randomMatrix(10, 3, 1);
    const broken = { ...x, values: x.values.map((value, k) => (k === 7 ? NaN : value)) };
    expect(() => linearCka(x, broken)).toThrow(/^features: .*not finite.*lower learning_rate\.$/);
    expect(() => linearCka(x, randomMatrix(11, 3, 1))).toThrow(RangeError);
  });
});

describe('CKA of layers', () => {
  const layers: Matrix[] = [3, 5, 3, 60, 2].map((cols, i) => randomMatrix(20, cols, i));
  layers[2] = { rows: 20, cols: 1, values: new Float32Array(20).fill(7) };

  it('is, as a map, symmetric with 1 on the diagonal, and agrees with each pair', () => {
    const map = ckaMap(layers);
    for (const [i, x] of layers.entries()) {
      for (const [j, y] of layers.entries()) {
        const cell = map[i]![j];
        expect(cell).toBe(map[j]![i]);
        if (i === 2 || j === 2) expect(cell).toBeUndefined();
        else expect(cell).toBeCloseTo(i === j ? 1 : linearCka(x, y)!, DIGITS);
      }
    }
  });

  it('is, as a curve, the side diagonal of the map', () => {
    const map = ckaMap(layers);
    const curve = adjacentCka(layers);
    expect(curve).toHaveLength(4);
    curve.forEach((value, i) => {
      if (i === 1 || i === 2) expect(value).toBeUndefined();
      else expect(value).toBeCloseTo(map[i]![i + 1]!, DIGITS);
    });
  });

  it('is empty where there is nothing to compare', () => {
    expect(adjacentCka([])).toEqual([]);
    expect(ckaMap([])).toEqual([]);
    expect(adjacentCka(layers.slice(0, 1))).toEqual([]);
  });
});
