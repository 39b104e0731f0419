import source from '../../../shaders/tokenScores.wgsl?raw';
import { dispatch, foldGrid, type BufferView, type Dispatch } from '../gpu/dispatch';
import type { Kernel } from '../gpu/shader';
import { bothCells, cellKernel } from './kernels';

const kernel = (width: number, subgroupSize?: number) =>
  cellKernel({ name: 'tokenScores', source, width, reduce: { threads: 256, subgroupSize } });

/** Those for any device, or those for devices with subgroups of one width. */
export function tokenScoresKernels(subgroupSize: number | undefined): Kernel[] {
  return bothCells((width) => kernel(width, subgroupSize));
}

/**
 * For each row of logits the log-probability of one token in nats, and whether that token is the row's argmax.
 *
 * @param logits f32 [rows, V]
 * @param targets u32 [rows], each below V
 * @param scores f32 [rows, 2], overwritten: log softmax(logits)[target]; 1 or 0, among equal logits 1 for the first
 * @param subgroupSize width of all subgroups, where they shall sum a row
 */
export function tokenScores({
  label,
  logits,
  targets,
  scores,
  rows,
  vocab,
  subgroupSize,
}: {
  readonly label: string;
  readonly logits: BufferView;
  readonly targets: BufferView;
  readonly scores: BufferView;
  readonly rows: number;
  readonly vocab: number;
  readonly subgroupSize?: number | undefined;
}): Dispatch {
  return dispatch(
    label,
    kernel(vocab, subgroupSize),
    { logits, targets, scores },
    { rows, vocab },
    foldGrid(rows),
  );
}
