import reduceLib from '../../../shaders/lib/reduce.wgsl?raw';
import weightLib from '../../../shaders/lib/weight.wgsl?raw';
import source from '../../../shaders/rmsNorm.wgsl?raw';
import backwardSource from '../../../shaders/rmsNormBackward.wgsl?raw';
import { dispatch, foldGrid, type BufferView, type Dispatch } from '../gpu/dispatch';
import type { Kernel } from '../gpu/shader';
import { kernelsByDtype } from './kernels';
import type { Weight } from './weight';

const forward = kernelsByDtype('rmsNorm', source, [weightLib, reduceLib]);
const backward = kernelsByDtype('rmsNormBackward', backwardSource, [weightLib, reduceLib]);

export const rmsNormKernels: readonly Kernel[] = [...Object.values(forward), ...Object.values(backward)];

/**
 * y = x · rstd ∘ weight with rstd = 1 / sqrt(mean(x²) + eps), row by row.
 *
 * @param x f32 [N, C]
 * @param weight [C]
 * @param y f32 [N, C], overwritten
 * @param rstd f32 [N], overwritten; the backward needs it
 * @param width C
 */
export function rmsNorm({
  label,
  x,
  weight,
  y,
  rstd,
  rows,
  width,
  eps,
}: {
  readonly label: string;
  readonly x: BufferView;
  readonly weight: Weight;
  readonly y: BufferView;
  readonly rstd: BufferView;
  readonly rows: number;
  readonly width: number;
  readonly eps: number;
}): Dispatch {
  const bind = { x, weight: { buffer: weight.buffer }, y, rstd };
  return dispatch(label, forward[weight.dtype], bind, { rows, width, eps }, foldGrid(rows));
}

/**
 * dx += rstd·h − rstd³·x·mean(x ∘ h) with h = weight ∘ dy. It accumulates: dx must already hold the gradient that
 * reaches the residual stream past the norm (or zeros).
 *
 * @param dy f32 [N, C], gradient of y
 * @param x f32 [N, C], input of the forward
 * @param rstd f32 [N], from the forward
 * @param dx f32 [N, C], added to; another buffer than dy and x
 */
export function rmsNormBackward({
  label,
  dy,
  x,
  weight,
  rstd,
  dx,
  rows,
  width,
}: {
  readonly label: string;
  readonly dy: BufferView;
  readonly x: BufferView;
  readonly weight: Weight;
  readonly rstd: BufferView;
  readonly dx: BufferView;
  readonly rows: number;
  readonly width: number;
}): Dispatch {
  const bind = { dy, x, weight: { buffer: weight.buffer }, rstd, dx };
  return dispatch(label, backward[weight.dtype], bind, { rows, width }, foldGrid(rows));
}
