import source from '../../../shaders/crossEntropy.wgsl?raw';
import reduceLib from '../../../shaders/lib/reduce.wgsl?raw';
import stepLib from '../../../shaders/lib/step.wgsl?raw';
import { dispatch, foldGrid, type BufferView, type Dispatch } from '../gpu/dispatch';
import { makeKernel, type Kernel } from '../gpu/shader';

const kernel = makeKernel('crossEntropy', source, [reduceLib, stepLib]);

export const crossEntropyKernels: readonly Kernel[] = [kernel];

/**
 * Cross-entropy of a chunk of rows and its gradient: losses[firstRow + n] in nats, and logits overwritten by
 * (softmax − onehot) · step.inv_tokens. Rows whose target is negative (−100) get 0 in both.
 *
 * @param logits f32 [rows, V] of the chunk, becomes dlogits
 * @param targets i32 [N] of all rows, shifted already; the chunk's start at firstRow
 * @param losses f32 [N] of all rows; only the chunk's are written
 */
export function crossEntropy({
  label,
  logits,
  targets,
  losses,
  rows,
  firstRow,
  vocab,
}: {
  readonly label: string;
  readonly logits: BufferView;
  readonly targets: BufferView;
  readonly losses: BufferView;
  readonly rows: number;
  readonly firstRow: number;
  readonly vocab: number;
}): Dispatch {
  const bind = { logits, targets, losses };
  return dispatch(label, kernel, bind, { rows, first_row: firstRow, vocab }, foldGrid(rows));
}
