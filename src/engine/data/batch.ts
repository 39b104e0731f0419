import { rowsOf } from './examples';
import type { PackedLine } from './pack';
import { permutation } from './shuffle';

/** Label of a row that the loss leaves out. */
export const IGNORED = -100;

/**
 * What one forward and backward pass reads: N = B·T rows, the lines of a batch behind one another. Padding rows
 * have token 0 and label −100 and attend only to themselves.
 */
export interface MicroBatch {
  /** Input tokens, [N]. */
  readonly tokens: Uint32Array<ArrayBuffer>;
  /** Token that row n must predict, [N]; −100 where it is not counted. Never the token of another example. */
  readonly targets: Int32Array<ArrayBuffer>;
  /** Position in the example, [N], restarting at 0. */
  readonly positions: Uint32Array<ArrayBuffer>;
  /** First row that row n may attend to: where its example starts, [N]. */
  readonly first: Uint32Array<ArrayBuffer>;
  /** Last row of the example of row n, [N]: which rows attend to it is known from both ends. */
  readonly last: Uint32Array<ArrayBuffer>;
  /** Number of rows whose label is counted. */
  readonly counted: number;
}

/** Lays up to `batch` lines of `maxLength` rows out as one micro-batch; lines that are missing become padding. */
export function microBatch(lines: readonly PackedLine[], batch: number, maxLength: number): MicroBatch {
  const size = batch * maxLength;
  const tokens = new Uint32Array(size);
  const targets = new Int32Array(size).fill(IGNORED);
  const positions = new Uint32Array(size);
  const first = Uint32Array.from({ length: size }, (_, row) => row);
  const last = first.slice();
  let counted = 0;
  lines.forEach((line, index) => {
    let start = index * maxLength;
    for (const example of line) {
      const rows = rowsOf(example);
      for (let t = 0; t < rows; t++) {
        const row = start + t;
        tokens[row] = example.ids[t] ?? 0;
        positions[row] = t;
        first[row] = start;
        last[row] = start + rows - 1;
        if (example.train[t + 1] === 1) {
          targets[row] = example.ids[t + 1] ?? IGNORED;
          counted++;
        }
      }
      start += rows;
    }
  });
  return { tokens, targets, positions, first, last, counted };
}

export interface TrainingBatches {
  /** The micro-batch `micro` (from 0) of optimiser step `step` (from 0): nothing but a function of the two. */
  batchFor(step: number, micro: number): MicroBatch;
  /** Epochs, whole and part, that are done before the given step. */
  epochAt(step: number): number;
}

export interface TrainingOrder {
  /** B. */
  readonly batch: number;
  /** Micro-batches of a step. */
  readonly accumulation: number;
  /** T. */
  readonly maxLength: number;
  readonly seed: number;
}

/**
 * Endless training data: all lines in an order that is drawn anew for each epoch, taken without a break, so that
 * a micro-batch may reach from one epoch into the next. There is no state to be saved: a resumed run asks for
 * the step at which it stopped.
 *
 * @param lines at least one
 */
export function trainingBatches(lines: readonly PackedLine[], order: TrainingOrder): TrainingBatches {
  if (lines.length === 0) throw new RangeError('no line to train on');
  const { batch, accumulation, maxLength, seed } = order;
  let cached = { epoch: -1, permutation: permutation(0, seed, 'epoch') };
  const lineAt = (index: number): PackedLine => {
    const epoch = Math.floor(index / lines.length);
    if (cached.epoch !== epoch) {
      cached = { epoch, permutation: permutation(lines.length, seed, 'epoch', epoch) };
    }
    return lines[cached.permutation[index % lines.length] ?? 0] ?? [];
  };
  return {
    batchFor: (step, micro) => {
      const start = (step * accumulation + micro) * batch;
      return microBatch(
        Array.from({ length: batch }, (_, index) => lineAt(start + index)),
        batch,
        maxLength,
      );
    },
    epochAt: (step) => (step * accumulation * batch) / lines.length,
  };
}

/** All lines once, in order, in micro-batches of which the last is filled up with padding. */
export function validationBatches(
  lines: readonly PackedLine[],
  batch: number,
  maxLength: number,
): readonly MicroBatch[] {
  const count = Math.ceil(lines.length / batch);
  return Array.from({ length: count }, (_, index) =>
    microBatch(lines.slice(index * batch, (index + 1) * batch), batch, maxLength),
  );
}
