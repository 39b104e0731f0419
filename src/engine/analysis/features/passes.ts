import { microBatch, type MicroBatch } from '../../data/batch';
import { rowsOf, type TokenExample } from '../../data/examples';
import { packExamples } from '../../data/pack';
import type { FeatureRow } from './rows';

/** One forward pass over N rows, and which of them are read. */
export interface FeaturePass {
  /** Its targets are not used. */
  readonly batch: MicroBatch;
  readonly chosen: readonly ChosenRow[];
}

export interface ChosenRow {
  /** Row of the pass. */
  readonly row: number;
  /** Row of the features. */
  readonly index: number;
}

/** Rows of a pass where the examples are short, as in evaluation. */
const PASS_ROWS = 512;

/**
 * Lays the examples that are looked at out in passes of one size, each cut behind its last chosen token: what comes
 * after a token does not change its features.
 *
 * @param chosen at least one row
 * @param most rows that one pass may be asked for; a pass with more is run again for the rest
 */
export function layOutFeatures(
  examples: readonly TokenExample[],
  chosen: readonly FeatureRow[],
  most: number,
): { readonly rows: number; readonly passes: readonly FeaturePass[] } {
  const wanted = new Map<number, { index: number; position: number }[]>();
  chosen.forEach(({ sample, position }, index) => {
    wanted.set(sample, [...(wanted.get(sample) ?? []), { index, position }]);
  });
  const readers = new Map<TokenExample, readonly { index: number; position: number }[]>();
  for (const [sample, places] of wanted) {
    const example = examples[sample];
    if (example === undefined) throw new RangeError(`there is no example ${sample}`);
    const length = Math.max(...places.map(({ position }) => position)) + 2;
    const ids = example.ids.slice(0, length);
    readers.set({ ids, train: new Uint8Array(length), task: example.task }, places);
  }
  const sequences = [...readers.keys()];
  const total = sequences.reduce((sum, sequence) => sum + rowsOf(sequence), 0);
  const rows = Math.max(...sequences.map(rowsOf), Math.min(total, PASS_ROWS));
  const passes = packExamples(sequences, rows).flatMap((line) => {
    const batch = microBatch([line], 1, rows);
    let start = 0;
    const all = line.flatMap((sequence) => {
      const first = start;
      start += rowsOf(sequence);
      return (readers.get(sequence) ?? []).map(({ index, position }) => ({ row: first + position, index }));
    });
    const parts = Array.from({ length: Math.ceil(all.length / most) }, (_, i) => i * most);
    return parts.map((from): FeaturePass => ({ batch, chosen: all.slice(from, from + most) }));
  });
  return { rows, passes };
}
