import source from '../../../shaders/rope.wgsl?raw';
import { dispatch, foldGrid, type BufferView, type Dispatch } from '../gpu/dispatch';
import { makeKernel, type Kernel } from '../gpu/shader';

const kernel = makeKernel('rope', source);

export const ropeKernels: readonly Kernel[] = [kernel];

/**
 * Rotates the pairs (j, j + D/2) of every head by the angle of the row's position, in place.
 *
 * @param x f32 [N, heads·D], queries or keys; for the backward their gradients
 * @param positions u32 [N], each below the table's number of positions
 * @param table f32 [positions, D/2, 2], see model/ropeTable.ts
 * @param headDim D, even
 * @param inverse rotates back, which is the backward
 */
export function rope({
  label,
  x,
  positions,
  table,
  rows,
  heads,
  headDim,
  inverse,
}: {
  readonly label: string;
  readonly x: BufferView;
  readonly positions: BufferView;
  readonly table: BufferView;
  readonly rows: number;
  readonly heads: number;
  readonly headDim: number;
  readonly inverse: boolean;
}): Dispatch {
  const half = headDim / 2;
  return dispatch(
    label,
    kernel,
    { x, positions, table },
    { rows, heads, half, sign: inverse ? -1 : 1 },
    foldGrid(Math.ceil((rows * heads * half) / 64)),
  );
}
