/** Shape of grouped-query attention: query head h reads key/value head floor(h / (H/K)). */
export interface AttentionShape {
  readonly heads: number; // H
  readonly kvHeads: number; // K
  readonly headDim: number; // D
}

/**
 * Block-diagonal causal attention over flattened rows: row n attends to rows first[n] .. n.
 * q [N, H·D], k and v [N, K·D] → out [N, H·D], lse [N, H] (log Σ exp of the scaled scores),
 * scores scaled by 1/sqrt(D).
 */
export function attentionForward(
  q: Float64Array,
  k: Float64Array,
  v: Float64Array,
  first: ArrayLike<number>,
  shape: AttentionShape,
): { out: Float64Array; lse: Float64Array } {
  const { heads: H, kvHeads: K, headDim: D } = shape;
  const out = new Float64Array(q.length);
  const lse = new Float64Array(first.length * H);
  for (let n = 0; n < first.length; n++) {
    for (let h = 0; h < H; h++) {
      const kv = Math.floor(h / (H / K));
      const scores = rowScores(q, k, n, h, kv, first[n]!, shape);
      const max = Math.max(...scores);
      lse[n * H + h] = max + Math.log(scores.reduce((sum, score) => sum + Math.exp(score - max), 0));
      scores.forEach((score, j) => {
        const p = Math.exp(score - lse[n * H + h]!);
        const row = first[n]! + j;
        for (let d = 0; d < D; d++) out[(n * H + h) * D + d]! += p * v[(row * K + kv) * D + d]!;
      });
    }
  }
  return { out, lse };
}

/** g = dL/dout [N, H·D] → dq, dk, dv, from P = exp(score − lse), dS = P ∘ (g vᵀ − rowsum(g ∘ out)). */
export function attentionBackward(
  q: Float64Array,
  k: Float64Array,
  v: Float64Array,
  first: ArrayLike<number>,
  shape: AttentionShape,
  g: Float64Array,
): { dq: Float64Array; dk: Float64Array; dv: Float64Array } {
  const { heads: H, kvHeads: K, headDim: D } = shape;
  const { out, lse } = attentionForward(q, k, v, first, shape);
  const [dq, dk, dv] = [new Float64Array(q.length), new Float64Array(k.length), new Float64Array(v.length)];
  for (let n = 0; n < first.length; n++) {
    for (let h = 0; h < H; h++) {
      const kv = Math.floor(h / (H / K));
      const query = (n * H + h) * D;
      let rowSum = 0;
      for (let d = 0; d < D; d++) rowSum += g[query + d]! * out[query + d]!;
      rowScores(q, k, n, h, kv, first[n]!, shape).forEach((score, j) => {
        const p = Math.exp(score - lse[n * H + h]!);
        const key = ((first[n]! + j) * K + kv) * D;
        let dp = 0;
        for (let d = 0; d < D; d++) dp += g[query + d]! * v[key + d]!;
        const ds = (p * (dp - rowSum)) / Math.sqrt(D);
        for (let d = 0; d < D; d++) {
          dq[query + d]! += ds * k[key + d]!;
          dk[key + d]! += ds * q[query + d]!;
          dv[key + d]! += p * g[query + d]!;
        }
      });
    }
  }
  return { dq, dk, dv };
}

/** Scaled scores of query row n, head h, against rows first .. n of key head kv. */
function rowScores(
  q: Float64Array,
  k: Float64Array,
  n: number,
  h: number,
  kv: number,
  first: number,
  { heads: H, kvHeads: K, headDim: D }: AttentionShape,
): Float64Array {
  return Float64Array.from({ length: n - first + 1 }, (_, j) => {
    let dot = 0;
    for (let d = 0; d < D; d++) dot += q[(n * H + h) * D + d]! * k[((first + j) * K + kv) * D + d]!;
    return dot / Math.sqrt(D);
  });
}
