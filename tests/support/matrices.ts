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
