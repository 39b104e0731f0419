import source from '../../../shaders/embedding.wgsl?raw';
import { dispatch, foldGrid, type BufferView, type Dispatch } from '../gpu/dispatch';
import type { Kernel } from '../gpu/shader';
import { bothCells, cellKernel, WEIGHT_DTYPES } from './kernels';
import { weightSlices, type Weight, type WeightDtype } from './weight';

const kernel = (dtype: WeightDtype, width: number) => cellKernel({ name: 'embedding', source, width, dtype });

export const embeddingKernels: readonly Kernel[] = WEIGHT_DTYPES.flatMap((dtype) =>
  bothCells((width) => kernel(dtype, width)),
);

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
      kernel(table.dtype, width),
      { tokens, weight: slice.view, x },
      { rows, width, first_token: slice.firstRow, slice_rows: slice.rows },
      foldGrid(rows),
    ),
  );
}
