import { Matrix as Dense } from 'ml-matrix';
import { UserError } from '../../config/errors';

/**
 * A dense matrix, row-major: entry (i, j) is `values[i * cols + j]`. What is computed from one is computed in
 * float64, also where it holds float32.
 */
export interface Matrix {
  readonly rows: number;
  readonly cols: number;
  /** rows · cols values. */
  readonly values: Float32Array | Float64Array;
}

/** One whose values are float64, for inner loops that must not meet two kinds of array. */
export interface Matrix64 extends Matrix {
  readonly values: Float64Array;
}

/**
 * A matrix of the given values, which are not copied.
 *
 * @throws RangeError where their number is not rows · cols
 */
export function createMatrix(rows: number, cols: number, values: Matrix['values']): Matrix {
  if (values.length !== rows * cols) {
    throw new RangeError(`${values.length} values do not fill a matrix of ${rows} × ${cols}`);
  }
  return { rows, cols, values };
}

/**
 * Refuses values that no sum or decomposition can be made of.
 *
 * @param subject what the matrix is, in the words of the message
 * @throws UserError where a value is infinite or not a number, as after a run that has diverged
 */
export function requireFinite(matrix: Matrix, subject: string): void {
  for (const value of matrix.values) {
    if (Number.isFinite(value)) continue;
    throw new UserError(
      subject,
      'they hold values that are not finite, so the run has diverged',
      'train again with a lower learning_rate',
    );
  }
}

/**
 * Several matrices of equally many rows side by side: [X_1, X_2, …].
 *
 * @throws RangeError where there is none or their rows differ
 */
export function stackColumns(matrices: readonly Matrix[]): Matrix64 {
  const rows = commonRows(matrices);
  const cols = matrices.reduce((total, matrix) => total + matrix.cols, 0);
  const values = new Float64Array(rows * cols);
  let start = 0;
  for (const matrix of matrices) {
    for (let i = 0; i < rows; i++) {
      values.set(matrix.values.subarray(i * matrix.cols, (i + 1) * matrix.cols), i * cols + start);
    }
    start += matrix.cols;
  }
  return { rows, cols, values };
}

/**
 * The sum of matrices of one shape.
 *
 * @throws RangeError where there is none or their shapes differ
 */
export function sumOf(matrices: readonly Matrix[]): Matrix64 {
  const rows = commonRows(matrices);
  const cols = matrices[0]?.cols ?? 0;
  const values = new Float64Array(rows * cols);
  for (const matrix of matrices) {
    requireShape(matrix, rows, cols);
    matrix.values.forEach((value, k) => (values[k] = (values[k] ?? 0) + value));
  }
  return { rows, cols, values };
}

/** The matrix less the mean of each column. */
export function centred({ rows, cols, values }: Matrix): Matrix64 {
  const means = new Float64Array(cols);
  values.forEach((value, k) => (means[k % cols] = (means[k % cols] ?? 0) + value));
  for (let j = 0; j < cols; j++) means[j] = (means[j] ?? 0) / rows;
  return { rows, cols, values: Float64Array.from(values, (value, k) => value - (means[k % cols] ?? 0)) };
}

/** A copy as the library's matrix, for its decompositions. */
export function toDense({ rows, cols, values }: Matrix): Dense {
  return new Dense(
    Array.from({ length: rows }, (_, i) => Array.from(values.subarray(i * cols, (i + 1) * cols))),
  );
}

/** Rows become columns. */
export function transposed({ rows, cols, values }: Matrix): Matrix64 {
  const result = new Float64Array(rows * cols);
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < cols; j++) result[j * rows + i] = values[i * cols + j] ?? 0;
  }
  return { rows: cols, cols: rows, values: result };
}

/**
 * ⟨X, Y⟩_F, the sum of the products of equal entries.
 *
 * @throws RangeError where the shapes differ
 */
export function innerProduct(x: Matrix, y: Matrix): number {
  requireShape(y, x.rows, x.cols);
  let sum = 0;
  for (let k = 0; k < x.values.length; k++) sum += (x.values[k] ?? 0) * (y.values[k] ?? 0);
  return sum;
}

/** ‖X‖_F, the root of the sum of all squares. */
export function frobenius(x: Matrix): number {
  return Math.sqrt(innerProduct(x, x));
}

/**
 * X − Y.
 *
 * @throws RangeError where the shapes differ
 */
export function difference(x: Matrix, y: Matrix): Matrix64 {
  requireShape(y, x.rows, x.cols);
  const values = Float64Array.from(x.values, (value, k) => value - (y.values[k] ?? 0));
  return { rows: x.rows, cols: x.cols, values };
}

/**
 * The number of rows that all the matrices have.
 *
 * @throws RangeError where there is none or their rows differ
 */
export function commonRows(matrices: readonly Matrix[]): number {
  const [first] = matrices;
  if (first === undefined) throw new RangeError('there is no matrix');
  const other = matrices.find(({ rows }) => rows !== first.rows);
  if (other !== undefined) throw new RangeError(`one matrix has ${first.rows} rows, another ${other.rows}`);
  return first.rows;
}

function requireShape(matrix: Matrix, rows: number, cols: number): void {
  if (matrix.rows === rows && matrix.cols === cols) return;
  throw new RangeError(
    `a matrix of ${matrix.rows} × ${matrix.cols} stands where ${rows} × ${cols} is needed`,
  );
}
