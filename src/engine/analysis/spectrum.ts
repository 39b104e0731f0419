import { QrDecomposition } from 'ml-matrix';
import { leftDecomposition } from './jacobi';
import { requireFinite, stackColumns, sumOf, toDense, transposed, type Matrix } from './matrix';

/** How many directions features take up. */
export interface Spectrum {
  /** The min(N, d) singular values, falling. */
  readonly values: Float64Array;
  /** Number of singular values above the rounding of float32 features, see numericalRank. */
  readonly rank: number;
  /** Between 1 and the rank, see effectiveRank; undefined where all features are zero. */
  readonly effectiveRank: number | undefined;
}

/** Spectra of what the experts of one module give for the same inputs. */
export interface ExpertSpectra {
  /** A_i x for each expert alone. */
  readonly single: readonly Spectrum[];
  /** Σ_i A_i x, all that the up-projection sees of a plain sum: at most R directions, however many experts. */
  readonly sum: Spectrum;
  /** [A_1 x; …; A_E x], all that the experts know: up to E · R directions. */
  readonly stack: Spectrum;
}

/** Machine epsilon of float32, as numpy.finfo(numpy.float32).eps: features come from the GPU in this precision. */
const EPSILON = 2 ** -23;

/**
 * Singular values, rank and effective rank of features, which are not centred: u = A x has at most R dimensions
 * whatever the inputs (Theorem 1 of Dong et al. 2025, arXiv 2510.06005).
 *
 * @param features [N, d]
 * @throws UserError where a feature is not finite
 */
export function spectrum(features: Matrix): Spectrum {
  const values = singularValues(features);
  return {
    values,
    rank: numericalRank(values, features.rows, features.cols),
    effectiveRank: effectiveRank(values),
  };
}

/**
 * The spectra of each expert's features, of their sum and of all of them side by side.
 *
 * @param experts features A_i x of each expert, all [N, R]
 * @throws UserError where a feature is not finite; RangeError where there is no expert or the shapes differ
 */
export function expertSpectra(experts: readonly Matrix[]): ExpertSpectra {
  return {
    single: experts.map(spectrum),
    sum: spectrum(sumOf(experts)),
    stack: spectrum(stackColumns(experts)),
  };
}

/**
 * Singular values of a matrix, falling, in float64.
 *
 * @throws UserError where a value is not finite
 */
export function singularValues(matrix: Matrix): Float64Array {
  requireFinite(matrix, 'features');
  if (matrix.values.length === 0) return new Float64Array();
  const tall = matrix.rows < matrix.cols ? transposed(matrix) : matrix;
  // X = Q R with orthonormal columns of Q, so that the small R has the same singular values.
  const factor = new QrDecomposition(toDense(tall)).upperTriangularMatrix;
  return leftDecomposition({
    rows: tall.cols,
    cols: tall.cols,
    values: Float64Array.from(factor.to1DArray()),
  }).values;
}

/**
 * numpy.linalg.matrix_rank's rule for float32 features [rows, cols]: the number of singular values above
 * σ_max · max(rows, cols) · 2⁻²³.
 */
export function numericalRank(values: Float64Array, rows: number, cols: number): number {
  const least = (values[0] ?? 0) * Math.max(rows, cols) * EPSILON;
  return values.filter((value) => value > least).length;
}

/**
 * exp(−Σ p ln p) with p = σ / Σ σ (Roy and Vetterli 2007): k where k singular values are equal and the others 0.
 *
 * @returns undefined where all are 0
 */
export function effectiveRank(values: Float64Array): number | undefined {
  const total = values.reduce((sum, value) => sum + value, 0);
  if (total === 0) return undefined;
  const entropy = values.reduce((sum, value) => sum - term(value / total), 0);
  return Math.exp(entropy);
}

/** p ln p, 0 for p = 0. */
function term(p: number): number {
  return p === 0 ? 0 : p * Math.log(p);
}
