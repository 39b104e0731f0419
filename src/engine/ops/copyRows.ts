import source from '../../../shaders/copyRows.wgsl?raw';
import stepLib from '../../../shaders/lib/step.wgsl?raw';
import { dispatch, foldGrid, type BufferView, type Dispatch } from '../gpu/dispatch';
import { makeKernel, type Kernel } from '../gpu/shader';

const kernel = makeKernel('copyRows', source, [stepLib]);

export const copyRowsKernels: readonly Kernel[] = [kernel];

/**
 * target[n + step.row_offset, :] = source[n, :]: appends keys or values to their cache.
 *
 * @param source f32 [rows, width]
 * @param target f32, at least row_offset + rows rows of the same width
 */
export function copyRows({
  label,
  source: from,
  target,
  rows,
  width,
}: {
  readonly label: string;
  readonly source: BufferView;
  readonly target: BufferView;
  readonly rows: number;
  readonly width: number;
}): Dispatch {
  const bind = { source: from, destination: target };
  return dispatch(label, kernel, bind, { rows, width }, foldGrid(Math.ceil((rows * width) / 64)));
}
