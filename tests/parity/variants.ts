/** How the engine is opened: what it may not use. */
export interface Variant {
  readonly name: string;
  readonly without: readonly GPUFeatureName[];
  /** Ten steps of each method, and none of the gradients and logits alone: for where kernels compile slowly. */
  readonly stepsOnly?: boolean;
}

export const CHOSEN: Variant = { name: 'as it opens by itself', without: [] };

/** The same variant, quickly. */
export function stepsOnly(variant: Variant): Variant {
  return { ...variant, stepsOnly: true };
}

/** Each fast path off, and both. */
export const WITHOUT: readonly Variant[] = [
  { name: 'without subgroups', without: ['subgroups'] },
  { name: 'without shader-f16', without: ['shader-f16'] },
  { name: 'without subgroups and shader-f16', without: ['subgroups', 'shader-f16'] },
];
