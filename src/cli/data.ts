import { createHash } from 'node:crypto';
import { UserError } from '../config/errors';
import type { RunConfig } from '../config/runConfig';
import { readDataset, type Dataset } from '../engine/data/dataset';
import { parseColumns } from '../engine/data/fields';
import { prepareData, type PreparedData } from '../engine/data/prepare';
import type { RecordProblem } from '../engine/data/record';
import type { Tokenizer } from '../engine/data/tokenizer';
import type { ByteSource } from '../engine/formats/byteSource';
import { isFileSet } from '../engine/formats/recognise';
import { openPath } from './files';
import type { Flags } from './flags';
import type { Io } from './io';
import type { DataIdentity } from './runFolder';

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

/** Reads a data set under the columns of `--columns`. */
export function readData(source: ByteSource, flags: Flags, io: Io): Promise<OpenedData> {
  return readRecords(source, flags.optional('columns'), io);
}

/** Reads a data set under the given columns; remarks about records that were skipped go to stderr. */
export async function readRecords(
  source: ByteSource,
  columns: string | undefined,
  io: Io,
): Promise<OpenedData> {
  const dataset = await readDataset(source, columns === undefined ? undefined : parseColumns(columns));
  const { skipped, unit, problems } = dataset.summary;
  saySkipped(io, source.name, unit, skipped, problems);
  return { source, dataset };
}

/** What a run is said to have learnt from: the name of the file, its content and the columns as they were typed. */
export async function identifyData(source: ByteSource, columns: string | null): Promise<DataIdentity> {
  const hash = createHash('sha256').update(await source.read(0, source.size));
  return { name: source.name, sha256: hash.digest('hex'), columns };
}

/** A data set in the form in which a run reads it; remarks about records that give no example go to stderr. */
export function prepare(
  io: Io,
  { source, dataset }: OpenedData,
  tokenizer: Tokenizer,
  run: RunConfig,
): PreparedData {
  const prepared = prepareData(dataset, tokenizer, run);
  const { skipped, problems } = prepared.summary;
  saySkipped(io, source.name, dataset.summary.unit, skipped, problems);
  return prepared;
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
