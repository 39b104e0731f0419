import { UserError } from '../config/errors';
import { readDataset, type Dataset } from '../engine/data/dataset';
import { parseColumns } from '../engine/data/fields';
import type { RecordProblem } from '../engine/data/record';
import type { ByteSource } from '../engine/formats/byteSource';
import { isFileSet } from '../engine/formats/recognise';
import { openPath } from './files';
import type { Flags } from './flags';
import type { Io } from './io';

/** The file of `--data`, not read yet. */
export async function openDataFile(flags: Flags): Promise<ByteSource> {
  const path = flags.required('data');
  const source = await openPath(path);
  if (isFileSet(source)) throw new UserError(path, 'this is a folder', 'give one of the files in it');
  return source;
}

/** A data set, and the file that it was read from. */
export interface OpenedData {
  readonly source: ByteSource;
  readonly dataset: Dataset;
}

/** Reads a data set under the columns of `--columns`; remarks about records that were skipped go to stderr. */
export async function readData(source: ByteSource, flags: Flags, io: Io): Promise<OpenedData> {
  const columns = flags.optional('columns');
  const dataset = await readDataset(source, columns === undefined ? undefined : parseColumns(columns));
  const { skipped, unit, problems } = dataset.summary;
  saySkipped(io, source.name, unit, skipped, problems);
  return { source, dataset };
}

/** Names the first records that were left out, with the reasons. */
export function saySkipped(
  io: Io,
  name: string,
  unit: string,
  skipped: number,
  problems: readonly RecordProblem[],
): void {
  if (skipped === 0) return;
  io.err(`${name}: ${skipped} ${skipped === 1 ? 'record was' : 'records were'} skipped.\n`);
  for (const { at, reason } of problems) io.err(`  ${unit} ${at}: ${reason}\n`);
  if (skipped > problems.length) io.err('  …\n');
}
