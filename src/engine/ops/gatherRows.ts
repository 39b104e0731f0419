import source from '../../../shaders/gatherRows.wgsl?raw';
import { dispatch, foldGrid, type BufferView, type Dispatch } from '../gpu/dispatch';
import { makeKernel, type Kernel } from '../gpu/shader';
import type { Columns } from './operands';

const kernel = makeKernel('gatherRows', source);

export const gatherRowsKernels: readonly Kernel[] = [kernel];

/**
 * gathered[n, c] = source[chosen[n], source.offset + c].
 *
 * @param chosen u32 [rows], each a row of source
 * @param source f32 [any number of rows, stride]
 * @param gathered f32 [rows, width]
 */
export function gatherRows({
  label,
  chosen,
  source: { view, stride, offset },
  gathered,
  rows,
  width,
}: {
  readonly label: string;
  readonly chosen: BufferView;
  readonly source: Columns;
  readonly gathered: BufferView;
  readonly rows: number;
  readonly width: number;
}): Dispatch {
  return dispatch(
    label,
    kernel,
    { chosen, source: view, gathered },
    { rows, width, stride, offset },
    foldGrid(Math.ceil((rows * width) / 64)),
  );
}
