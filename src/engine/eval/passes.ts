import { microBatch, type MicroBatch } from '../data/batch';
import { rowsOf, type TokenExample } from '../data/examples';
import { packExamples } from '../data/pack';
import type { Continuation } from './continuation';

/** One forward pass over N rows and what is read from it. */
export interface ScoringPass {
  /** Its targets are not used. */
  readonly batch: MicroBatch;
  /** One a scored token, those of a continuation in order. */
  readonly wanted: readonly WantedToken[];
}

export interface WantedToken {
  /** Index of the continuation that the token belongs to. */
  readonly continuation: number;
  /** Row of the pass whose logits predict it. */
  readonly row: number;
  readonly token: number;
}

/** Rows of a pass where the continuations are short: enough to keep a GPU busy, little enough to be stopped soon. */
const PASS_ROWS = 512;

/**
 * Lays continuations out in passes of one size, as training lays out its examples: best-fit decreasing, each sequence
 * attending to itself alone. Equal inputs (context and continuation without its last token) are computed once, so
 * that choices of one token cost one sequence a question.
 *
 * @param continuations at least one
 */
export function layOutPasses(continuations: readonly Continuation[]): {
  readonly rows: number;
  readonly passes: readonly ScoringPass[];
} {
  const readers = groupByInputs(continuations);
  const sequences = [...readers.keys()];
  const longest = Math.max(...sequences.map(rowsOf));
  const total = sequences.reduce((sum, sequence) => sum + rowsOf(sequence), 0);
  const rows = Math.max(longest, Math.min(total, PASS_ROWS));
  const passes = packExamples(sequences, rows).map((line): ScoringPass => {
    const wanted: WantedToken[] = [];
    let start = 0;
    for (const sequence of line) {
      for (const index of readers.get(sequence) ?? []) {
        const { ids, scored } = continuations[index] ?? { ids: [], scored: 0 };
        ids.slice(-scored).forEach((token, at) => {
          wanted.push({ continuation: index, row: start + ids.length - scored + at - 1, token });
        });
      }
      start += rowsOf(sequence);
    }
    return { batch: microBatch([line], 1, rows), wanted };
  });
  return { rows, passes };
}

/** Each different input once, with the indices of the continuations that are read from it. */
function groupByInputs(continuations: readonly Continuation[]): Map<TokenExample, number[]> {
  const groups = new Map<string, number[]>();
  const readers = new Map<TokenExample, number[]>();
  continuations.forEach(({ ids }, index) => {
    const key = ids.slice(0, -1).join(' ');
    const known = groups.get(key);
    if (known !== undefined) {
      known.push(index);
      return;
    }
    const group = [index];
    groups.set(key, group);
    readers.set({ ids: Uint32Array.from(ids), train: new Uint8Array(ids.length), task: undefined }, group);
  });
  return readers;
}
