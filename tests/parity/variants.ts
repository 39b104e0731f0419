import type { GemmVariant } from '../../src/engine/ops/gemm/choice';

/** How the engine is opened: what it may not use, and the one kernel that its GEMMs have to take where it fits. */
export interface Variant {
  readonly name: string;
  readonly without: readonly GPUFeatureName[];
  /** Ten steps of each method, and none of the gradients and logits alone: for where kernels compile slowly. */
  readonly stepsOnly?: boolean;
  /** Undefined: chosen as for any run. */
  readonly gemm?: GemmVariant;
  /** Weights in f16 are read as such. */
  readonly nativeF16?: boolean;
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

/** Every family of GEMM kernels in turn; the quick two also on weights in native f16. */
export const PINNED: readonly Variant[] = [
  pin('tile 32x32', false),
  pin('direct 16x8', false),
  pin('direct 16x8', true),
  pin('subgroup 16x8', false),
  pin('subgroup 16x8', true),
];

export function needsSubgroups({ gemm }: Variant): boolean {
  return gemm?.startsWith('subgroup') === true;
}

function pin(gemm: GemmVariant, nativeF16: boolean): Variant {
  const name = `with ${gemm} kernels only${nativeF16 ? ', native f16' : ''}`;
  return { name, without: [], gemm, nativeF16 };
}
