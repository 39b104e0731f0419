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
