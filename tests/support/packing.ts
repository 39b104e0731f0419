import type { MicroBatch } from '../reference/llama';

/** Rows of sequences laid one after another: positions restart, each row knows its sequence's first and last row. */
export function packedRows(lengths: readonly number[]): Pick<MicroBatch, 'positions' | 'first' | 'last'> {
  const positions: number[] = [];
  const first: number[] = [];
  const last: number[] = [];
  for (const length of lengths) {
    const start = positions.length;
    for (let i = 0; i < length; i++) {
      positions.push(i);
      first.push(start);
      last.push(start + length - 1);
    }
  }
  return { positions, first, last };
}
