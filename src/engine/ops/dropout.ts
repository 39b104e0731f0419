import { MODULES, type ModuleName } from '../../config/modules';
import { dropoutThreshold } from './dropoutHash';

/** Which mask a kernel applies to an activation [N, in]: element n·in + c of the mask with this key. */
export interface DropoutMask {
  /** Probability with which an element is dropped, 0 < p < 1. */
  readonly p: number;
  readonly layer: number;
  readonly module: ModuleName;
}

/** Index of a module in the mask's key. */
export function moduleIndex(module: ModuleName): number {
  return MODULES.indexOf(module);
}

/** Threshold on the hash and factor of what is kept. */
export function dropoutScale(p: number): { readonly threshold: number; readonly kept: number } {
  return { threshold: dropoutThreshold(p), kept: 1 / (1 - p) };
}

/** The mask's fields of a kernel's Params; zeros where there is no mask. */
export function dropoutParams(mask: DropoutMask | undefined) {
  if (mask === undefined) return { layer: 0, module_index: 0, threshold: 0, kept: 1 };
  return { layer: mask.layer, module_index: moduleIndex(mask.module), ...dropoutScale(mask.p) };
}

/** The masks of the modules that read the same x, for kernels that serve them all. */
export interface SetDropout {
  /** Probability with which an element is dropped, 0 < p < 1. */
  readonly p: number;
  readonly layer: number;
}

/** The same where a module has a mask for each of its experts. */
export interface StackDropout extends SetDropout {
  /** Masks of a module; one where its experts share it. */
  readonly experts: number;
  /** Each mask has a u of its own, beside the others', because a router weighs them; else u is their sum. */
  readonly heads?: boolean | undefined;
  /** All masks of a module belong to one A (HydraLoRA). */
  readonly oneA?: boolean | undefined;
}

/** The masks' fields of such a kernel's Params; zeros where there are none. */
export function setMasks(modules: readonly ModuleName[], dropout: SetDropout | undefined) {
  const [module0 = 0, module1 = 0, module2 = 0] = modules.map(moduleIndex);
  const scale = dropout === undefined ? { threshold: 0, kept: 1 } : dropoutScale(dropout.p);
  return { layer: dropout?.layer ?? 0, module0, module1, module2, ...scale };
}
