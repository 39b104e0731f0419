import source from '../../../shaders/scatterRows.wgsl?raw';
import { dispatch, foldGrid, type BufferView, type Dispatch } from '../gpu/dispatch';
import { makeKernel, type Kernel } from '../gpu/shader';

const kernel = makeKernel('scatterRows', source);

export const scatterRowsKernels: readonly Kernel[] = [kernel];

/**
 * scattered[chosen[n], :] = source[n, :]: appends keys or values to their cache.
 *
 * @param chosen u32 [rows], each another row of scattered, or outside it for a row that goes nowhere
 * @param source f32 [rows, width]
 * @param scattered f32 [scatteredRows, width]
 */
export function scatterRows({
  label,
  chosen,
  source,
  scattered,
  rows,
  width,
  scatteredRows,
}: {
  readonly label: string;
  readonly chosen: BufferView;
  readonly source: BufferView;
  readonly scattered: BufferView;
  readonly rows: number;
  readonly width: number;
  readonly scatteredRows: number;
}): Dispatch {
  return dispatch(
    label,
    kernel,
    { chosen, source, scattered },
    { rows, width, scattered_rows: scatteredRows },
    foldGrid(Math.ceil((rows * width) / 64)),
  );
}
