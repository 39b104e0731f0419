import backwardSource from '../../shaders/benchNaiveBackward.wgsl?raw';
import forwardSource from '../../shaders/benchNaive.wgsl?raw';
import { dispatch, type BufferView, type Dispatch } from '../engine/gpu/dispatch';
import { makeKernel, type Kernel } from '../engine/gpu/shader';

const FORWARD = makeKernel('benchNaive', forwardSource);
const BACKWARD = makeKernel('benchNaiveBackward', backwardSource);

/** For the tests that compile every shader. */
export const NAIVE_KERNELS: readonly Kernel[] = [FORWARD, BACKWARD];

/** Rows and columns of a workgroup. */
const TILE = 8;

interface Shape {
  readonly rows: number;
  readonly outs: number;
  readonly inner: number;
}

/** y = x Wᵀ, one thread an output: x f32 [rows, inner], w f32 [outs, inner], y f32 [rows, outs]. */
export function naiveForward(x: BufferView, w: BufferView, y: BufferView, shape: Shape): Dispatch {
  const { rows, outs, inner } = shape;
  return dispatch('naive', FORWARD, { x, w, y }, { rows, cols: outs, inner }, grid(rows, outs));
}

/** dx = dy W, one thread an output: dy f32 [rows, outs], w f32 [outs, inner], dx f32 [rows, inner]. */
export function naiveBackward(dy: BufferView, w: BufferView, dx: BufferView, shape: Shape): Dispatch {
  const { rows, outs, inner } = shape;
  return dispatch('naive', BACKWARD, { dy, w, dx }, { rows, outs, cols: inner }, grid(rows, inner));
}

function grid(rows: number, cols: number): readonly [number, number, number] {
  return [Math.ceil(cols / TILE), Math.ceil(rows / TILE), 1];
}
