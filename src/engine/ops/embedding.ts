import source from '../../../shaders/embedding.wgsl?raw';
import weightLib from '../../../shaders/lib/weight.wgsl?raw';
import { dispatch, foldGrid, type BufferView, type Dispatch } from '../gpu/dispatch';
import type { Kernel } from '../gpu/shader';
import { kernelsByDtype } from './kernels';
import { weightSlices, type Weight } from './weight';

const kernels = kernelsByDtype('embedding', source, [weightLib]);

export const embeddingKernels: readonly Kernel[] = Object.values(kernels);

/**
 * x[n, :] = table[tokens[n], :].
 *
 * @param tokens u32 [N], each below V (a larger one leaves its row of x as it was)
 * @param table [V, C]
 * @param x f32 [N, C], overwritten
 * @param maxBinding largest binding in bytes; a larger table takes one launch per slice
 */
export function embedding({
  label,
  tokens,
  table,
  x,
  rows,
  maxBinding,
}: {
  readonly label: string;
  readonly tokens: BufferView;
  readonly table: Weight;
  readonly x: BufferView;
  readonly rows: number;
  readonly maxBinding: number;
}): Dispatch[] {
  const width = table.shape[1] ?? 1;
  return weightSlices(table, maxBinding).map((slice) =>
    dispatch(
      label,
      kernels[table.dtype],
      { tokens, table: slice.view, x },
      { rows, width, first_token: slice.firstRow, slice_rows: slice.rows },
      foldGrid(Math.ceil((rows * width) / 64)),
    ),
  );
}
