import source from '../../../shaders/rope.wgsl?raw';
import { dispatch, foldGrid, type BufferView, type Dispatch } from '../gpu/dispatch';
import type { Kernel } from '../gpu/shader';
import { bothCells, cellKernel } from './kernels';

const kernel = (half: number) => cellKernel({ name: 'rope', source, width: half });

export const ropeKernels: readonly Kernel[] = bothCells(kernel);

/**
 * Rotates the pairs (j, j + D/2) of every head of q and k by the angle of the row's position, in place.
 *
 * @param q f32 [N, H·D], queries; for the backward their gradients
 * @param k f32 [N, K·D], keys; for the backward their gradients
 * @param positions u32 [N], each below the table's number of positions
 * @param table f32 [positions, 2, D/2], see model/ropeTable.ts
 * @param headDim D, even
 * @param inverse rotates back, which is the backward
 */
export function rope({
  label,
  q,
  k,
  positions,
  table,
  rows,
  heads,
  kvHeads,
  headDim,
  inverse,
}: {
  readonly label: string;
  readonly q: BufferView;
  readonly k: BufferView;
  readonly positions: BufferView;
  readonly table: BufferView;
  readonly rows: number;
  readonly heads: number; // H
  readonly kvHeads: number; // K
  readonly headDim: number;
  readonly inverse: boolean;
}): Dispatch {
  const half = headDim / 2;
  return dispatch(
    label,
    kernel(half),
    { q, k, positions, table },
    { rows, heads, kv_heads: kvHeads, half, sign: inverse ? -1 : 1 },
    foldGrid(rows),
  );
}
