import source from '../../../shaders/crossEntropy.wgsl?raw';
import stepLib from '../../../shaders/lib/step.wgsl?raw';
import { dispatch, foldGrid, type BufferView, type Dispatch } from '../gpu/dispatch';
import type { Kernel } from '../gpu/shader';
import { bothCells, cellKernel } from './kernels';

const kernel = (width: number, subgroupSize?: number) =>
  cellKernel({
    name: 'crossEntropy',
    source,
    width,
    libs: [stepLib],
    reduce: { threads: 256, subgroupSize },
  });

/** Those for any device, or those for devices with subgroups of one width. */
export function crossEntropyKernels(subgroupSize: number | undefined): Kernel[] {
  return bothCells((width) => kernel(width, subgroupSize));
}

/**
 * Cross-entropy of a chunk of rows and its gradient: losses[firstRow + n] in nats, and logits overwritten by
 * (softmax − onehot) · step.inv_tokens. Rows whose target is negative (−100) get 0 in both.
 *
 * @param logits f32 [rows, V] of the chunk, becomes dlogits
 * @param targets i32 [N] of all rows, shifted already; the chunk's start at firstRow
 * @param losses f32 [N] of all rows; only the chunk's are written
 * @param subgroupSize width of all subgroups, where they shall sum a row
 */
export function crossEntropy({
  label,
  logits,
  targets,
  losses,
  rows,
  firstRow,
  vocab,
  subgroupSize,
}: {
  readonly label: string;
  readonly logits: BufferView;
  readonly targets: BufferView;
  readonly losses: BufferView;
  readonly rows: number;
  readonly firstRow: number;
  readonly vocab: number;
  readonly subgroupSize?: number | undefined;
}): Dispatch {
  const bind = { logits, targets, losses };
  const params = { rows, first_row: firstRow, vocab };
  return dispatch(label, kernel(vocab, subgroupSize), bind, params, foldGrid(rows));
}
