import {
  centred,
  commonRows,
  frobenius,
  requireFinite,
  transposed,
  type Matrix,
  type Matrix64,
} from './matrix';

/**
 * Linear centred kernel alignment (Kornblith et al. 2019, arXiv 1905.00414, equation 3 with linear kernels):
 * CKA(X, Y) = ‖Y_cᵀ X_c‖_F² / (‖X_cᵀ X_c‖_F ‖Y_cᵀ Y_c‖_F), where the columns of X_c and Y_c have mean zero.
 * It lies between 0 and 1, and neither an orthogonal map nor a factor applied to X or Y changes it.
 */

/** One value of CKA; undefined where the features of a side do not vary, for which it is not defined. */
export type Cka = number | undefined;

/** Which pairs of a list are compared. */
type Pairs = readonly (readonly [number, number])[];

/**
 * A centred matrix whose norm is below this part of the norm that it had holds only the rounding of the float64
 * means (some n · 2⁻⁵³ of it for n rows), not features that vary: those of float32 do so by 2⁻²⁴ or more.
 */
const CONSTANT = 1e-12;

/**
 * CKA of two feature matrices over the same rows.
 *
 * @param x features [n, d]
 * @param y features [n, e] of the same n inputs
 * @throws UserError where a feature is not finite; RangeError where the rows differ
 */
export function linearCka(x: Matrix, y: Matrix): Cka {
  return compare([x, y], [[0, 1]])[0];
}

/**
 * CKA of each matrix with the next: one value less than matrices. For features of all layers, the curve over depth.
 *
 * @param features of each layer, [n, d] over the same n inputs; d may differ
 * @throws as linearCka
 */
export function adjacentCka(features: readonly Matrix[]): readonly Cka[] {
  return compare(
    features,
    features.slice(1).map((_, i) => [i, i + 1] as const),
  );
}

/**
 * CKA of each matrix with each: the symmetric heat map [L][L] of L layers.
 *
 * @param features as for adjacentCka
 * @throws as linearCka
 */
export function ckaMap(features: readonly Matrix[]): readonly (readonly Cka[])[] {
  const pairs = features.flatMap((_, i) => features.slice(i).map((_, k) => [i, i + k] as const));
  const values = compare(features, pairs);
  const map = features.map(() => new Array<Cka>(features.length).fill(undefined));
  pairs.forEach(([i, j], k) => {
    for (const [row, col] of [
      [i, j],
      [j, i],
    ] as const) {
      const cells = map[row];
      if (cells !== undefined) cells[col] = values[k];
    }
  });
  return map;
}

function compare(features: readonly Matrix[], pairs: Pairs): readonly Cka[] {
  if (features.length === 0) return [];
  commonRows(features);
  const matrices = features.map((matrix) => {
    requireFinite(matrix, 'features');
    const result = centred(matrix);
    return frobenius(result) > CONSTANT * frobenius(matrix) ? result : undefined;
  });
  const varying = matrices.filter((matrix) => matrix !== undefined);
  const similarity = gramIsCheaper(varying, pairs.length) ? byGram(matrices) : byFeatures(matrices);
  const own = matrices.map((_, i) => similarity(i, i));
  return pairs.map(([i, j]) => {
    const [both, left, right] = [similarity(i, j), own[i], own[j]];
    if (both === undefined || left === undefined || right === undefined) return undefined;
    return both / Math.sqrt(left * right);
  });
}

/** Multiplications of the two forms: of [n, n] matrices, made once each, or of [d, e] matrices for each pair. */
function gramIsCheaper(matrices: readonly Matrix[], pairs: number): boolean {
  const rows = matrices[0]?.rows ?? 0;
  const cols = matrices.reduce((sum, matrix) => sum + matrix.cols, 0);
  const mean = cols / matrices.length;
  const comparisons = pairs + matrices.length;
  return (rows * rows * (cols + comparisons)) / 2 < comparisons * rows * mean * mean;
}

/** ‖Y_cᵀ X_c‖_F² of two matrices of the list; undefined where one does not vary. */
type Similarity = (i: number, j: number) => number | undefined;

/** As ⟨X_c X_cᵀ, Y_c Y_cᵀ⟩_F, which is the same number (Kornblith et al., equation 1). */
function byGram(matrices: readonly (Matrix64 | undefined)[]): Similarity {
  const grams = matrices.map((matrix) => (matrix === undefined ? undefined : packedGram(matrix)));
  return (i, j) => {
    const [a, b] = [grams[i], grams[j]];
    return a === undefined || b === undefined ? undefined : dot(a, 0, b, 0, a.length);
  };
}

function byFeatures(matrices: readonly (Matrix64 | undefined)[]): Similarity {
  const columns = matrices.map((matrix) => (matrix === undefined ? undefined : transposed(matrix)));
  return (i, j) => {
    const [a, b] = [columns[i], columns[j]];
    if (a === undefined || b === undefined) return undefined;
    let sum = 0;
    for (let p = 0; p < a.rows; p++) {
      for (let q = 0; q < b.rows; q++) sum += dot(a.values, p * a.cols, b.values, q * b.cols, a.cols) ** 2;
    }
    return sum;
  };
}

/**
 * The lower half of X Xᵀ, n(n+1)/2 values, those off the diagonal times √2: the inner product of two such halves is
 * then the one of the whole matrices.
 */
function packedGram({ rows, cols, values }: Matrix64): Float64Array {
  const packed = new Float64Array((rows * (rows + 1)) / 2);
  let k = 0;
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < i; j++) packed[k++] = Math.SQRT2 * dot(values, i * cols, values, j * cols, cols);
    packed[k++] = dot(values, i * cols, values, i * cols, cols);
  }
  return packed;
}

/** Four sums at once, so that the processor does not wait for one addition before the next. */
function dot(a: Float64Array, aStart: number, b: Float64Array, bStart: number, length: number): number {
  let [s0, s1, s2, s3] = [0, 0, 0, 0];
  let k = 0;
  for (; k + 3 < length; k += 4) {
    s0 += (a[aStart + k] ?? 0) * (b[bStart + k] ?? 0);
    s1 += (a[aStart + k + 1] ?? 0) * (b[bStart + k + 1] ?? 0);
    s2 += (a[aStart + k + 2] ?? 0) * (b[bStart + k + 2] ?? 0);
    s3 += (a[aStart + k + 3] ?? 0) * (b[bStart + k + 3] ?? 0);
  }
  for (; k < length; k++) s0 += (a[aStart + k] ?? 0) * (b[bStart + k] ?? 0);
  return s0 + s1 + (s2 + s3);
}
