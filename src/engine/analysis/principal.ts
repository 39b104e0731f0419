import { Matrix as Dense, QrDecomposition } from 'ml-matrix';
import type { RandomGenerator } from 'pure-rand/types/RandomGenerator';
import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { leftDecomposition } from './jacobi';
import { centred, toDense, type Matrix } from './matrix';

/** Directions that are followed beside those asked for, and rounds: enough for a start that t-SNE then works over. */
const OVERSAMPLED = 8;
const ROUNDS = 7;

/**
 * The first two principal components of each row (its coordinates along the directions of largest variance), by
 * randomised subspace iteration (Halko, Martinsson and Tropp 2011, algorithm 4.4), as scikit-learn's PCA: the work is
 * that of a few products with X, also where X has thousands of columns.
 *
 * @param matrix [n, d], finite
 * @param random draws the subspace that the iteration starts from
 * @returns [n, 2] interleaved; a component that does not exist (d = 1, or no variance left) is 0
 */
export function principalCoordinates(matrix: Matrix, random: RandomGenerator): Float64Array {
  const { rows, cols } = matrix;
  const x = toDense(centred(matrix));
  const width = Math.min(2 + OVERSAMPLED, rows, cols);
  const sketch = Dense.zeros(cols, width).apply(function set(this: Dense, i, j) {
    this.set(i, j, 2 * uniformFloat64(random) - 1);
  });
  const transpose = x.transpose();
  let basis = orthonormal(x.mmul(sketch));
  for (let round = 0; round < ROUNDS; round++) {
    basis = orthonormal(x.mmul(orthonormal(transpose.mmul(basis))));
  }
  const small = Float64Array.from(basis.transpose().mmul(x).to1DArray());
  const { values, vectors } = leftDecomposition({ rows: width, cols, values: small });
  const left = basis.mmul(new Dense(vectors.slice(0, 2).map((vector) => Array.from(vector))).transpose());
  return Float64Array.from({ length: 2 * rows }, (_, k) => {
    const component = k % 2;
    const scale = values[component] ?? 0;
    return scale === 0 ? 0 : scale * left.get(k >> 1, component);
  });
}

function orthonormal(matrix: Dense): Dense {
  return new QrDecomposition(matrix).orthogonalMatrix;
}
