/** Target of a row that does not count in the loss, as in PyTorch. */
export const IGNORED = -100;

/**
 * Cross-entropy of each counted row in nats: logits [N, V], targets [N] (already shifted, −100 = ignored).
 * @param lossScale factor on the summed loss in the gradient, 1 / (counted tokens of the whole step)
 * @returns the plain sum over counted rows, their number, and dLogits = lossScale · (softmax − onehot)
 */
export function crossEntropy(
  logits: Float64Array,
  targets: ArrayLike<number>,
  lossScale: number,
): { lossSum: number; counted: number; dLogits: Float64Array } {
  const V = logits.length / targets.length;
  const dLogits = new Float64Array(logits.length);
  let lossSum = 0;
  let counted = 0;
  for (let n = 0; n < targets.length; n++) {
    const target = targets[n]!;
    if (target === IGNORED) continue;
    const row = logits.subarray(n * V, (n + 1) * V);
    const max = Math.max(...row);
    const lse = max + Math.log(row.reduce((sum, logit) => sum + Math.exp(logit - max), 0));
    lossSum += lse - row[target]!;
    counted++;
    for (let v = 0; v < V; v++) {
      dLogits[n * V + v] = lossScale * (Math.exp(row[v]! - lse) - (v === target ? 1 : 0));
    }
  }
  return { lossSum, counted, dLogits };
}
