import source from '../../../shaders/rmsNorm.wgsl?raw';
import backwardSource from '../../../shaders/rmsNormBackward.wgsl?raw';
import { dispatch, foldGrid, type BufferView, type Dispatch } from '../gpu/dispatch';
import type { Kernel } from '../gpu/shader';
import { bothCells, cellKernel, WEIGHT_DTYPES } from './kernels';
import type { Weight, WeightDtype } from './weight';

const kernel = (which: 'forward' | 'backward', dtype: WeightDtype, width: number, subgroupSize?: number) =>
  cellKernel({
    name: which === 'forward' ? 'rmsNorm' : 'rmsNormBackward',
    source: which === 'forward' ? source : backwardSource,
    width,
    dtype,
    reduce: { threads: 64, subgroupSize },
  });

/** Those for any device, or those for devices with subgroups of one width. */
export function rmsNormKernels(subgroupSize: number | undefined): Kernel[] {
  return WEIGHT_DTYPES.flatMap((dtype) =>
    bothCells((width) => kernel('forward', dtype, width, subgroupSize)).concat(
      bothCells((width) => kernel('backward', dtype, width, subgroupSize)),
    ),
  );
}

/**
 * y = x · rstd ∘ weight with rstd = 1 / sqrt(mean(x²) + eps), row by row.
 *
 * @param x f32 [N, C]
 * @param weight [C]
 * @param y f32 [N, C], overwritten
 * @param rstd f32 [N], overwritten; the backward needs it
 * @param width C
 * @param subgroupSize width of all subgroups, where they shall sum a row
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
  subgroupSize,
}: {
  readonly label: string;
  readonly x: BufferView;
  readonly weight: Weight;
  readonly y: BufferView;
  readonly rstd: BufferView;
  readonly rows: number;
  readonly width: number;
  readonly eps: number;
  readonly subgroupSize?: number | undefined;
}): Dispatch {
  const bind = { x, weight: { buffer: weight.buffer }, y, rstd };
  const variant = kernel('forward', weight.dtype, width, subgroupSize);
  return dispatch(label, variant, bind, { rows, width, eps }, foldGrid(rows));
}

/**
 * dx += rstd·h − rstd³·x·mean(x ∘ h) with h = weight ∘ dy. It accumulates: dx must already hold the gradient that
 * reaches the residual stream past the norm (or zeros).
 *
 * @param dy f32 [N, C], gradient of y
 * @param x f32 [N, C], input of the forward
 * @param rstd f32 [N], from the forward
 * @param dx f32 [N, C], added to; another buffer than dy and x
 * @param subgroupSize width of all subgroups, where they shall sum a row
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
  subgroupSize,
}: {
  readonly label: string;
  readonly dy: BufferView;
  readonly x: BufferView;
  readonly weight: Weight;
  readonly rstd: BufferView;
  readonly dx: BufferView;
  readonly rows: number;
  readonly width: number;
  readonly subgroupSize?: number | undefined;
}): Dispatch {
  const bind = { dy, x, weight: { buffer: weight.buffer }, rstd, dx };
  const variant = kernel('backward', weight.dtype, width, subgroupSize);
  return dispatch(label, variant, bind, { rows, width }, foldGrid(rows));
}
