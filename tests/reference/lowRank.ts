import { addInto, matmulNN, matmulNT, matmulTN } from './matmul';

/**
 * Factor on element n·in + c of x before A_expert reads it: 0 or 1/(1−p). A mask shared by the experts
 * ignores `expert`. Absent: no dropout.
 */
export type DropoutMask = (element: number, expert: number) => number;

/** The low-rank path of one linear layer: y += s · B Σ_i A_i (M_i ∘ x) (method.md, section 1). */
export interface LowRank {
  /** E down-projections, each [R, in]. */
  readonly downs: readonly Float64Array[];
  /** Up-projection [out, R]. */
  readonly up: Float64Array;
  readonly inWidth: number;
  readonly outWidth: number;
  readonly rank: number;
  /** s = lora_alpha / R. */
  readonly scale: number;
}

/** x [N, in] → u = Σ_i A_i (M_i ∘ x) [N, R] and the addend s · u Bᵀ [N, out]. */
export function lowRankForward(
  path: LowRank,
  x: Float64Array,
  mask?: DropoutMask,
): { u: Float64Array; y: Float64Array } {
  const { inWidth, outWidth, rank, scale } = path;
  const N = x.length / inWidth;
  const u = new Float64Array(N * rank);
  path.downs.forEach((down, i) => {
    addInto(u, matmulNT(masked(x, i, mask), down, N, inWidth, rank));
  });
  const y = matmulNT(u, path.up, N, rank, outWidth).map((value) => scale * value);
  return { u, y };
}

/**
 * g = dL/dy [N, out] → dB = s · gᵀ u, dA_i = duᵀ (M_i ∘ x) and the path's share of dx,
 * Σ_i M_i ∘ (du A_i), with du = s · g B.
 */
export function lowRankBackward(
  path: LowRank,
  x: Float64Array,
  u: Float64Array,
  g: Float64Array,
  mask?: DropoutMask,
): { dDowns: Float64Array[]; dUp: Float64Array; dx: Float64Array } {
  const { inWidth, outWidth, rank, scale } = path;
  const N = x.length / inWidth;
  const dUp = matmulTN(g, u, N, outWidth, rank).map((value) => scale * value);
  const du = matmulNN(g, path.up, N, outWidth, rank).map((value) => scale * value);
  const dx = new Float64Array(x.length);
  const dDowns = path.downs.map((down, i) => {
    addInto(dx, masked(matmulNN(du, down, N, rank, inWidth), i, mask));
    return matmulTN(du, masked(x, i, mask), N, rank, inWidth);
  });
  return { dDowns, dUp, dx };
}

function masked(x: Float64Array, expert: number, mask: DropoutMask | undefined): Float64Array {
  return mask === undefined ? x : x.map((value, element) => value * mask(element, expert));
}
