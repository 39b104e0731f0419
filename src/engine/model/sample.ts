import { lowbias32 } from '../ops/dropoutHash';

export interface SamplingOptions {
  /** 0: always the most likely token. */
  readonly temperature: number;
  /** Keep only the k most likely tokens; all where not given or 0. */
  readonly top_k?: number;
  /** Keep the most likely tokens whose probabilities reach this sum; all where not given. */
  readonly top_p?: number;
  readonly seed: number;
}

/** Tokens of which one is drawn, by ascending id, and the probability of each; the probabilities sum to 1. */
export interface Candidates {
  readonly tokens: readonly number[];
  readonly probabilities: Float64Array;
}

/**
 * Chooses the next token from its logits.
 *
 * @param logits [V], finite
 * @param draw number of the draw, so that a seed gives a text and not a token
 * @throws Error when a logit is not a number
 */
export function sampleToken(logits: Float32Array, options: SamplingOptions, draw: number): number {
  const { tokens, probabilities } = candidates(logits, options);
  let rest = uniform(options.seed, draw);
  for (let i = 0; i < tokens.length; i++) {
    rest -= at(probabilities, i);
    if (rest < 0) return tokens[i] ?? 0;
  }
  // Rounding left a rest behind the last one: it belongs to the most likely.
  return tokens[greatest(probabilities)] ?? 0;
}

/**
 * The tokens among which the next one is drawn, as transformers' TemperatureLogitsWarper, TopKLogitsWarper and
 * TopPLogitsWarper leave them, in this order: logits / temperature; those below the k-th greatest go (its equals
 * stay); then, on what is left, those go before which more likely ones sum to top_p already, so that one stays
 * always. Where equals stand at that last border, those of lower id stay.
 * https://github.com/huggingface/transformers/blob/main/src/transformers/generation/logits_process.py
 *
 * @param logits [V], finite
 * @throws Error when a logit is not a number
 */
export function candidates(
  logits: Float32Array,
  { temperature, top_k = 0, top_p = 1 }: Omit<SamplingOptions, 'seed'>,
): Candidates {
  if (!logits.every(Number.isFinite)) throw new Error('the model computed logits that are not numbers');
  const best = greatest(logits);
  if (temperature === 0) return { tokens: [best], probabilities: Float64Array.of(1) };
  const peak = at(logits, best);
  const weight = (logit: number) => Math.exp((logit - peak) / temperature);
  const tokens = keep(logits, top_k, top_p, weight);
  const weights = Float64Array.from(tokens, (token) => weight(at(logits, token)));
  const total = weights.reduce((sum, value) => sum + value, 0);
  return { tokens, probabilities: weights.map((value) => value / total) };
}

function keep(
  logits: Float32Array,
  top_k: number,
  top_p: number,
  weight: (logit: number) => number,
): number[] {
  const all = Array.from(logits.keys());
  const limitsCount = top_k > 0 && top_k < logits.length;
  if (!limitsCount && top_p >= 1) return all;
  // Values alone are sorted: of a large vocabulary many times faster than ids by their values.
  const sorted = logits.slice().sort().reverse();
  let count = sorted.length;
  if (limitsCount) {
    const least = at(sorted, top_k - 1);
    count = top_k;
    while (count < sorted.length && at(sorted, count) === least) count++;
  }
  if (top_p < 1) count = nucleus(Float64Array.from(sorted.subarray(0, count), weight), top_p);
  const least = at(sorted, count - 1);
  let equals = count - sorted.indexOf(least);
  return all.filter((token) => {
    const logit = at(logits, token);
    return logit > least || (logit === least && equals-- > 0);
  });
}

/** How many of the weights, greatest first, it takes to reach the share `top_p` of their sum; at least one. */
function nucleus(weights: Float64Array, top_p: number): number {
  const wanted = top_p * weights.reduce((sum, value) => sum + value, 0);
  let count = 0;
  let mass = 0;
  do mass += at(weights, count++);
  while (mass < wanted && count < weights.length);
  return count;
}

/** A number in [0, 1) for each draw of a seed. */
function uniform(seed: number, draw: number): number {
  return lowbias32(lowbias32(seed ^ 0x5a_3713) ^ lowbias32(draw)) / 2 ** 32;
}

function greatest(values: Float32Array | Float64Array): number {
  let best = 0;
  for (let i = 1; i < values.length; i++) if (at(values, i) > at(values, best)) best = i;
  return best;
}

function at(values: Float32Array | Float64Array, index: number): number {
  return values[index] ?? Number.NaN;
}
