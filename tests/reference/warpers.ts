/**
 * Straightforward float64 transcription of transformers' three warpers, in the order in which `generate` applies
 * them: https://github.com/huggingface/transformers/blob/main/src/transformers/generation/logits_process.py
 *
 * @returns probability of every token; 0 for those that may not be drawn
 */
export function warpedProbabilities(
  logits: readonly number[],
  temperature: number,
  top_k: number,
  top_p: number,
): number[] {
  let scores = logits.map((logit) => logit / temperature);
  if (top_k > 0) {
    const least = scores.toSorted((a, b) => b - a)[Math.min(top_k, scores.length) - 1]!;
    scores = scores.map((score) => (score < least ? -Infinity : score));
  }
  if (top_p < 1) {
    // Ascending, and what sums to at most 1 − top_p from below goes; the last always stays.
    const ascending = scores.map((_, id) => id).sort((a, b) => scores[a]! - scores[b]! || b - a);
    const probabilities = softmax(scores);
    let below = 0;
    for (const id of ascending.slice(0, -1)) {
      below += probabilities[id]!;
      if (below <= 1 - top_p) scores[id] = -Infinity;
    }
  }
  return softmax(scores);
}

function softmax(scores: readonly number[]): number[] {
  const peak = Math.max(...scores);
  const weights = scores.map((score) => Math.exp(score - peak));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return weights.map((weight) => weight / total);
}
