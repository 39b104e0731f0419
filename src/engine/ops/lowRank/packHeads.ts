import source from '../../../../shaders/packHeads.wgsl?raw';
import { dispatch, type BufferView, type Dispatch } from '../../gpu/dispatch';
import { makeKernel, type Kernel } from '../../gpu/shader';
import type { Stack } from './presum';

const KERNEL = makeKernel('packHeads', source);

/** packed = [B_1 … B_E] for every stack of up-projections, in one launch; `sumOffset` is the first element in `packed`. */
export function packHeads(args: {
  readonly label: string;
  readonly b: BufferView;
  /** The stacks as `stackTable` writes them. */
  readonly table: BufferView;
  readonly packed: BufferView;
  readonly stacks: readonly Stack[];
  readonly rank: number;
}): Dispatch {
  const { label, b, table, packed, stacks, rank } = args;
  const largest = Math.max(...stacks.map(({ experts, elements }) => experts * elements));
  const groups = [Math.ceil(largest / 64), stacks.length, 1] as const;
  return dispatch(label, KERNEL, { b, stacks: table, packed }, { rank }, groups);
}

export function packHeadsVariants(): Kernel[] {
  return [KERNEL];
}
