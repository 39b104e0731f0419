import source from '../../../../shaders/presum.wgsl?raw';
import { dispatch, type BufferView, type Dispatch } from '../../gpu/dispatch';
import { makeKernel, type Kernel } from '../../gpu/shader';
import { areQuads, cells } from './variants';

/** One stack of A's to be summed, in elements. */
export interface Stack {
  readonly aOffset: number;
  readonly experts: number;
  readonly elements: number;
  readonly sumOffset: number;
}

/** Contents of the `stacks` table that the presum reads. */
export function stackTable(stacks: readonly Stack[]): Uint32Array<ArrayBuffer> {
  return new Uint32Array(stacks.flatMap((s) => [s.aOffset, s.experts, s.elements, s.sumOffset]));
}

/** a_eff = Σ_i A_i for every stack, in one launch. */
export function presum(args: {
  readonly label: string;
  readonly a: BufferView;
  readonly table: BufferView;
  readonly sums: BufferView;
  readonly stacks: readonly Stack[];
}): Dispatch {
  const quads = args.stacks.every((s) => areQuads(s.aOffset, s.elements, s.sumOffset));
  const largest = Math.max(...args.stacks.map((stack) => stack.elements));
  return dispatch(args.label, kernel(quads), { a: args.a, stacks: args.table, a_eff: args.sums }, {}, [
    Math.ceil(largest / (quads ? 256 : 64)),
    args.stacks.length,
    1,
  ]);
}

function kernel(quads: boolean): Kernel {
  return makeKernel('presum', source, [cells(quads)], { QUADS: quads });
}

export function presumVariants(): Kernel[] {
  return [kernel(true), kernel(false)];
}
