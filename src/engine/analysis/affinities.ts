import { UserError } from '../../config/errors';
import { requireFinite, type Matrix } from './matrix';

/** More points than this would take hundreds of megabytes and minutes. */
export const MOST_POINTS = 5000;

/** What scikit-learn allows: the entropy (nats) may miss ln(perplexity) by this, after at most so many halvings. */
const TOLERANCE = 1e-5;
const MOST_STEPS = 100;

/** No probability is smaller, as in scikit-learn: the logarithm of the divergence needs it. */
export const LEAST_PROBABILITY = 2 ** -52;

/**
 * The joint probabilities P of t-SNE (van der Maaten and Hinton 2008, section 3.1): p_{j|i} falls with the squared
 * Euclidean distance as a Gaussian whose width gives row i the perplexity, and p_ij = (p_{j|i} + p_{i|j}) / 2n.
 *
 * @param matrix points [n, d]
 * @param perplexity effective number of neighbours of each point, above 1 and below n / 3
 * @returns n(n−1)/2 values, the pairs i < j row by row (scipy's condensed form); twice their sum is 1
 * @throws UserError for more than 5,000 points, a perplexity out of range, or a value that is not finite
 */
export function affinities(matrix: Matrix, perplexity: number): Float64Array {
  const n = matrix.rows;
  checkSize(n, perplexity);
  requireFinite(matrix, 'features');
  const p = squaredDistances(matrix);
  const row = new Float64Array(n - 1);
  const rows = Array.from({ length: n }, (_, i) => {
    readRow(p, n, i, row);
    return findWidth(row, Math.log(perplexity));
  });
  let k = 0;
  for (const [i, { beta, nearest, sum }] of rows.entries()) {
    for (const other of rows.slice(i + 1)) {
      const distance = p[k] ?? 0;
      const there = Math.exp(-beta * (distance - nearest)) / sum;
      const back = Math.exp(-other.beta * (distance - other.nearest)) / other.sum;
      p[k++] = Math.max((there + back) / (2 * n), LEAST_PROBABILITY);
    }
  }
  return p;
}

function checkSize(points: number, perplexity: number): void {
  if (points > MOST_POINTS) {
    throw new UserError(
      't-SNE',
      `it was given ${points} points, and more than ${MOST_POINTS} take too much memory and time`,
      'choose fewer',
    );
  }
  if (!(perplexity > 1)) {
    throw new UserError('perplexity', `${perplexity} is not above 1`, 'values from 5 to 50 are usual');
  }
  if (perplexity >= points / 3) {
    throw new UserError(
      'perplexity',
      `${perplexity} is not below a third of the ${points} points`,
      'lower it or take more points',
    );
  }
}

function squaredDistances({ rows, cols, values }: Matrix): Float64Array {
  const points = Float64Array.from(values);
  const result = new Float64Array((rows * (rows - 1)) / 2);
  let k = 0;
  for (let i = 0; i < rows; i++) {
    for (let j = i + 1; j < rows; j++) {
      let sum = 0;
      for (let a = i * cols, b = j * cols, end = a + cols; a < end; a++, b++) {
        const apart = (points[a] ?? 0) - (points[b] ?? 0);
        sum += apart * apart;
      }
      result[k++] = sum;
    }
  }
  return result;
}

/** The distances of point i to the others, from their condensed form. */
function readRow(condensed: Float64Array, n: number, i: number, row: Float64Array): void {
  for (let j = 0, k = i - 1; j < i; j++) {
    row[j] = condensed[k] ?? 0;
    k += n - j - 2;
  }
  const start = i * n - (i * (i + 1)) / 2;
  row.set(condensed.subarray(start, start + n - 1 - i), i);
}

/**
 * Finds β with H(p) = target for p_j = exp(−β d_j) / Σ exp(−β d_j), by doubling and halving. Distances count from
 * the nearest point, which changes no p_j but keeps the sum above 0 for features of any size.
 */
function findWidth(distances: Float64Array, target: number) {
  const nearest = distances.reduce((least, value) => Math.min(least, value), Infinity);
  let [beta, low, high] = [1, 0, Infinity];
  for (let step = 1; ; step++) {
    let sum = 0;
    let weighted = 0;
    for (const value of distances) {
      const distance = value - nearest;
      const weight = Math.exp(-beta * distance);
      sum += weight;
      weighted += weight * distance;
    }
    const excess = Math.log(sum) + (beta * weighted) / sum - target;
    if (Math.abs(excess) <= TOLERANCE || step === MOST_STEPS) return { beta, nearest, sum };
    if (excess > 0) low = beta;
    else high = beta;
    beta = high === Infinity ? 2 * beta : (low + high) / 2;
  }
}
