import { rowsOf, type TokenExample } from './examples';

/** Examples that lie behind one another in one line of `max_length` rows. */
export type PackedLine = readonly TokenExample[];

/**
 * Best-fit decreasing packing: the longest example first, each into the fullest line that still has room for it.
 * Examples keep to themselves inside a line (see MicroBatch.first). Deterministic: ties keep the given order.
 *
 * @param examples each of at most `maxLength` rows
 * @param maxLength rows of a line
 */
export function packExamples(examples: readonly TokenExample[], maxLength: number): readonly PackedLine[] {
  const lines: TokenExample[][] = [];
  // open[room]: the lines with exactly that many rows left.
  const open: TokenExample[][][] = Array.from({ length: maxLength + 1 }, () => []);
  for (const example of examples.toSorted((a, b) => rowsOf(b) - rowsOf(a))) {
    const rows = rowsOf(example);
    if (rows > maxLength) throw new RangeError(`an example of ${rows} rows in a line of ${maxLength}`);
    let room = rows;
    while (room <= maxLength && open[room]?.length === 0) room++;
    let line = open[room]?.pop();
    if (line === undefined) {
      room = maxLength;
      line = [];
      lines.push(line);
    }
    line.push(example);
    open[room - rows]?.push(line);
  }
  return lines;
}
