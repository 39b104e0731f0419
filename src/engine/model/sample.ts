import { lowbias32 } from '../ops/dropoutHash';

export interface SamplingOptions {
  /** 0: always the most likely token. */
  readonly temperature: number;
  /** Keep only the k most likely tokens; all where not given. */
  readonly top_k?: number;
  /** Keep the most likely tokens whose probabilities reach this sum; all where not given. */
  readonly top_p?: number;
  readonly seed: number;
}

/**
 * Chooses the next token from its logits. Temperature, then top_k, then top_p, as transformers does.
 *
 * @param logits [V], finite
 * @param draw number of the draw, so that a seed gives a text and not a token
 * @throws Error when a logit is not a number
 */
export function sampleToken(logits: Float32Array, options: SamplingOptions, draw: number): number {
  if (!logits.every(Number.isFinite)) throw new Error('the model computed logits that are not numbers');
  if (options.temperature === 0) return greatest(logits);
  const order = Array.from(logits.keys()).sort((a, b) => at(logits, b) - at(logits, a) || a - b);
  const kept = order.slice(0, options.top_k ?? order.length);
  const peak = at(logits, kept[0] ?? 0);
  const weights = kept.map((token) => Math.exp((at(logits, token) - peak) / options.temperature));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  let nucleus = 0;
  let mass = 0;
  for (const weight of weights) {
    nucleus++;
    mass += weight;
    if (mass >= (options.top_p ?? 1) * total) break;
  }
  let rest = uniform(options.seed, draw) * mass;
  for (let i = 0; i < nucleus; i++) {
    rest -= weights[i] ?? 0;
    if (rest < 0) return kept[i] ?? 0;
  }
  return kept[nucleus - 1] ?? 0;
}

/** A number in [0, 1) for each draw of a seed. */
function uniform(seed: number, draw: number): number {
  return lowbias32(lowbias32(seed ^ 0x5a_3713) ^ lowbias32(draw)) / 2 ** 32;
}

function greatest(values: Float32Array): number {
  let best = 0;
  for (let i = 1; i < values.length; i++) if (at(values, i) > at(values, best)) best = i;
  return best;
}

function at(values: Float32Array, index: number): number {
  return values[index] ?? Number.NaN;
}
