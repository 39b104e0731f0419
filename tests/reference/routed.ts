import { addInto, matmulNN, matmulNT, matmulTN } from './matmul';
import type { DropoutMask } from './lowRank';

/** The routed low-rank path of one linear layer: y += s · Σ_i g_i B_i A_i (M_i ∘ x), g = softmax(router x). */
export interface Routed {
  /** A_i, each [R, in]: one for all experts (HydraLoRA) or one for each. */
  readonly downs: readonly Float64Array[];
  /** B_i, each [out, R]: one for all experts (MASA) or one for each. */
  readonly ups: readonly Float64Array[];
  /** [E, in]. */
  readonly router: Float64Array;
  readonly inWidth: number;
  readonly outWidth: number;
  readonly rank: number;
  readonly scale: number;
  /** Experts that a token goes to, 1 to E. */
  readonly topK: number;
}

/** p [N, E], and the gates g [N, E]: p renormalised over the topK largest, equal ones in the order of the experts. */
export function gatesOf(
  logits: Float64Array,
  experts: number,
  topK: number,
): { p: Float64Array; g: Float64Array } {
  const p = new Float64Array(logits.length);
  const g = new Float64Array(logits.length);
  for (let at = 0; at < logits.length; at += experts) {
    const row = logits.subarray(at, at + experts);
    const largest = Math.max(...row);
    const powers = row.map((z) => Math.exp(z - largest));
    const sum = powers.reduce((total, value) => total + value, 0);
    powers.forEach((value, i) => (p[at + i] = value / sum));
    const chosen = Array.from(row.keys())
      .toSorted((i, j) => row[j]! - row[i]! || i - j)
      .slice(0, topK);
    const share = chosen.reduce((total, i) => total + p[at + i]!, 0);
    for (const i of chosen) g[at + i] = p[at + i]! / share;
  }
  return { p, g };
}

/** The addend s · Σ_i g_i B_i A_i (M_i ∘ x) [N, out], written expert by expert. */
export function routedForward(path: Routed, x: Float64Array, mask?: DropoutMask): Float64Array {
  const { downs, ups, router, inWidth, outWidth, rank, scale, topK } = path;
  const N = x.length / inWidth;
  const experts = router.length / inWidth;
  const { g } = gatesOf(matmulNT(x, router, N, inWidth, experts), experts, topK);
  const y = new Float64Array(N * outWidth);
  for (let i = 0; i < experts; i++) {
    const u = matmulNT(masked(x, i, mask), pick(downs, i), N, inWidth, rank);
    const part = matmulNT(u, pick(ups, i), N, rank, outWidth);
    addInto(
      y,
      part.map((value, at) => scale * g[Math.floor(at / outWidth) * experts + i]! * value),
    );
  }
  return y;
}

/** dL/dy [N, out] → gradients of every tensor and the path's share of dx; expert by expert. */
export function routedBackward(
  path: Routed,
  x: Float64Array,
  dy: Float64Array,
  mask?: DropoutMask,
): { dDowns: Float64Array[]; dUps: Float64Array[]; dRouter: Float64Array; dx: Float64Array } {
  const { downs, ups, router, inWidth, outWidth, rank, scale, topK } = path;
  const N = x.length / inWidth;
  const experts = router.length / inWidth;
  const { g } = gatesOf(matmulNT(x, router, N, inWidth, experts), experts, topK);
  const dDowns = downs.map((down) => new Float64Array(down.length));
  const dUps = ups.map((up) => new Float64Array(up.length));
  const dg = new Float64Array(N * experts);
  const dx = new Float64Array(x.length);
  for (let i = 0; i < experts; i++) {
    const own = masked(x, i, mask);
    const u = matmulNT(own, pick(downs, i), N, inWidth, rank);
    const part = matmulNT(u, pick(ups, i), N, rank, outWidth);
    part.forEach((value, at) => {
      dg[Math.floor(at / outWidth) * experts + i]! += scale * value * dy[at]!;
    });
    const weighted = dy.map((value, at) => scale * g[Math.floor(at / outWidth) * experts + i]! * value);
    addInto(pick(dUps, i), matmulTN(weighted, u, N, outWidth, rank));
    const du = matmulNN(weighted, pick(ups, i), N, outWidth, rank);
    addInto(pick(dDowns, i), matmulTN(du, own, N, rank, inWidth));
    addInto(dx, masked(matmulNN(du, pick(downs, i), N, rank, inWidth), i, mask));
  }
  const dz = gatesBackward(g, dg, experts);
  addInto(dx, matmulNN(dz, router, N, experts, inWidth));
  return { dDowns, dUps, dRouter: matmulTN(dz, x, N, experts, inWidth), dx };
}

/** dg [N, E] → dz [N, E]: the softmax over the experts that are taken, the others having g = 0. */
export function gatesBackward(g: Float64Array, dg: Float64Array, experts: number): Float64Array {
  return g.map((gate, at) => {
    const first = at - (at % experts);
    let mean = 0;
    for (let j = first; j < first + experts; j++) mean += g[j]! * dg[j]!;
    return gate * (dg[at]! - mean);
  });
}

/** The tensor of expert i, or the one that all experts have. */
function pick(tensors: readonly Float64Array[], i: number): Float64Array {
  return tensors[tensors.length === 1 ? 0 : i]!;
}

function masked(x: Float64Array, expert: number, mask: DropoutMask | undefined): Float64Array {
  return mask === undefined ? x : x.map((value, element) => value * mask(element, expert));
}
