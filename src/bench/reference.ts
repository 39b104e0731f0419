/** A product in float64, to hold results against. */
export interface Reference {
  readonly values: Float64Array;
  /** Σ of the magnitudes of each element's terms. */
  readonly magnitudes: Float64Array;
  /** Most roundings that a term passes through on its way into the sum. */
  readonly roundings: number;
}

type Numbers = ArrayLike<number>;

/** y = x Wᵀ: x [rows, inner], w [outs, inner]. */
export function forwardProduct(x: Numbers, w: Numbers, rows: number, outs: number, inner: number): Reference {
  const values = new Float64Array(rows * outs);
  const magnitudes = new Float64Array(rows * outs);
  for (let n = 0; n < rows; n++) {
    for (let k = 0; k < outs; k++) {
      let sum = 0;
      let size = 0;
      for (let c = 0; c < inner; c++) {
        const term = (x[n * inner + c] ?? 0) * (w[k * inner + c] ?? 0);
        sum += term;
        size += Math.abs(term);
      }
      values[n * outs + k] = sum;
      magnitudes[n * outs + k] = size;
    }
  }
  return { values, magnitudes, roundings: inner };
}

/** A matrix [rows, cols] as [cols, rows]. */
export function transpose(matrix: Numbers, rows: number, cols: number): Float64Array {
  const result = new Float64Array(rows * cols);
  for (let row = 0; row < rows; row++) {
    for (let col = 0; col < cols; col++) result[col * rows + row] = matrix[row * cols + col] ?? 0;
  }
  return result;
}

/** Half the distance from 1 to the next f32. */
const UNIT = 2 ** -24;

/**
 * Holds every element against the reference. A sum of n terms in f32, in whatever order, is off by at most
 * n·2^-24·Σ|term| (to first order: Higham, Accuracy and Stability of Numerical Algorithms, section 3.1).
 *
 * @returns the largest error, in units of the largest value
 * @throws Error for an element that is further off, or NaN
 */
export function requireClose(
  name: string,
  actual: Numbers,
  { values, magnitudes, roundings }: Reference,
): number {
  if (actual.length !== values.length)
    throw new Error(`${name}: ${actual.length} values for ${values.length}`);
  let largestError = 0;
  let largest = 0;
  for (const [i, value] of values.entries()) {
    const error = Math.abs((actual[i] ?? Number.NaN) - value);
    if (!(error <= roundings * UNIT * (magnitudes[i] ?? 0))) {
      throw new Error(`${name} gives ${actual[i] ?? 'nothing'} for ${value} in element ${i}`);
    }
    largestError = Math.max(largestError, error);
    largest = Math.max(largest, Math.abs(value));
  }
  return largestError / largest;
}
