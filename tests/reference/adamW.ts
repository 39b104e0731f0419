export interface AdamWOptions {
  readonly learningRate: number;
  readonly weightDecay: number;
  readonly beta1?: number;
  readonly beta2?: number;
  readonly eps?: number;
}

/** Moments of AdamW, one element per weight. */
export interface AdamWState {
  readonly m: Float64Array;
  readonly v: Float64Array;
  /** Updates done so far. */
  step: number;
}

export function adamWState(size: number): AdamWState {
  return { m: new Float64Array(size), v: new Float64Array(size), step: 0 };
}

/**
 * One update in place, as torch.optim.AdamW: decoupled weight decay p −= lr·wd·p first, then
 * p −= lr · m̂ / (sqrt(v̂) + eps) with bias-corrected moments.
 * https://docs.pytorch.org/docs/stable/generated/torch.optim.AdamW.html
 */
export function adamWStep(
  p: Float64Array,
  g: Float64Array,
  state: AdamWState,
  { learningRate, weightDecay, beta1 = 0.9, beta2 = 0.999, eps = 1e-8 }: AdamWOptions,
): void {
  state.step++;
  const correction1 = 1 - beta1 ** state.step;
  const correction2 = 1 - beta2 ** state.step;
  for (let i = 0; i < p.length; i++) {
    state.m[i] = beta1 * state.m[i]! + (1 - beta1) * g[i]!;
    state.v[i] = beta2 * state.v[i]! + (1 - beta2) * g[i]! ** 2;
    const decayed = p[i]! * (1 - learningRate * weightDecay);
    p[i] =
      decayed - (learningRate * (state.m[i]! / correction1)) / (Math.sqrt(state.v[i]! / correction2) + eps);
  }
}
