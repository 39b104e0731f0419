import { Matrix as Dense, QrDecomposition } from 'ml-matrix';
import type { Matrix, Matrix64 } from '../../src/engine/analysis/matrix';
import { randomValues } from './random';

/** Reproducible values, uniform in (−1, 1). */
export function randomMatrix(rows: number, cols: number, seed: number): Matrix64 {
  return { rows, cols, values: randomValues(rows * cols, seed) };
}

/** The product X Y. */
export function multiplied(x: Matrix, y: Matrix): Matrix64 {
  const values = new Float64Array(x.rows * y.cols);
  for (let i = 0; i < x.rows; i++) {
    for (let k = 0; k < x.cols; k++) {
      for (let j = 0; j < y.cols; j++) {
        values[i * y.cols + j]! += x.values[i * x.cols + k]! * y.values[k * y.cols + j]!;
      }
    }
  }
  return { rows: x.rows, cols: y.cols, values };
}

/** A matrix whose columns are orthonormal: a random rotation or reflection, or its first columns. */
export function orthogonal(rows: number, seed: number, cols = rows): Matrix64 {
  const random = Dense.from1DArray(rows, cols, randomMatrix(rows, cols, seed).values);
  return { rows, cols, values: Float64Array.from(new QrDecomposition(random).orthogonalMatrix.to1DArray()) };
}

/** Points [count, cols] around `groups` random centres, taken in turns, far apart for their width of 0.6. */
export function clusters(count: number, cols: number, groups: number, seed: number) {
  const centres = randomMatrix(groups, cols, seed);
  const noise = randomMatrix(count, cols, seed + 1);
  const labels = Array.from({ length: count }, (_, i) => i % groups);
  const values = noise.values.map((value, k) => {
    const centre = centres.values[(Math.floor(k / cols) % groups) * cols + (k % cols)]!;
    return 0.3 * value + 2 * centre;
  });
  return { points: { rows: count, cols, values } satisfies Matrix64, labels };
}
