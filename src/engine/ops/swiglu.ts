import sigmoidLib from '../../../shaders/lib/sigmoid.wgsl?raw';
import source from '../../../shaders/swiglu.wgsl?raw';
import backwardSource from '../../../shaders/swigluBackward.wgsl?raw';
import { dispatch, foldGrid, type BufferView, type Dispatch } from '../gpu/dispatch';
import { makeKernel, type Kernel } from '../gpu/shader';

const forward = makeKernel('swiglu', source, [sigmoidLib]);
const backward = makeKernel('swigluBackward', backwardSource, [sigmoidLib]);

export const swigluKernels: readonly Kernel[] = [forward, backward];

/**
 * y = silu(gate) ∘ up with silu(z) = z·σ(z); all f32 [N, F].
 *
 * @param y overwritten
 * @param count elements, N·F
 */
export function swiglu({
  label,
  gate,
  up,
  y,
  count,
}: {
  readonly label: string;
  readonly gate: BufferView;
  readonly up: BufferView;
  readonly y: BufferView;
  readonly count: number;
}): Dispatch {
  return dispatch(label, forward, { gate, up, y }, { count }, foldGrid(Math.ceil(count / 64)));
}

/**
 * Overwrites gate by dgate = dy ∘ up ∘ σ(gate)(1 + gate(1 − σ(gate))) and up by dup = dy ∘ silu(gate); all f32
 * [N, F].
 *
 * @param count elements, N·F
 */
export function swigluBackward({
  label,
  gate,
  up,
  dy,
  count,
}: {
  readonly label: string;
  readonly gate: BufferView;
  readonly up: BufferView;
  readonly dy: BufferView;
  readonly count: number;
}): Dispatch {
  return dispatch(label, backward, { gate, up, dy }, { count }, foldGrid(Math.ceil(count / 64)));
}
