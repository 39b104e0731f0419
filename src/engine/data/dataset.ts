import { UserError } from '../../config/errors';
import type { ByteSource } from '../formats/byteSource';
import { type ColumnMapping, KNOWN_FIELDS, readFields } from './fields';
import { type RawDataset, readDataFile } from './readDataFile';
import { BadRecord, type DataRecord, type RecordProblem } from './record';

/** What a data file turned out to be, for `inspect` and the page. */
export interface DatasetSummary {
  /** File name. */
  readonly name: string;
  readonly container: RawDataset['container'];
  /** What `at` counts in the problems. */
  readonly unit: RawDataset['unit'];
  /** Number of usable records by record format, most frequent first. */
  readonly formats: ReadonlyMap<string, number>;
  /** Number of usable records by task label, in order of appearance; records without a label are left out. */
  readonly tasks: ReadonlyMap<string, number>;
  readonly records: number;
  readonly skipped: number;
  /** The first skipped records. */
  readonly problems: readonly RecordProblem[];
}

export interface Dataset {
  readonly records: readonly DataRecord[];
  readonly summary: DatasetSummary;
}

/** More would not be read; all are counted. */
export const SHOWN_PROBLEMS = 10;

/**
 * Reads a data file whose kind is recognised by its content: plain text, JSON or JSON Lines, records in any of
 * the known formats (see fields.ts), or with the fields that `columns` maps. A record that cannot be used is
 * skipped, counted and reported with its number and the reason.
 *
 * @throws UserError for a file that is no such text, or that has no usable record
 */
export async function readDataset(source: ByteSource, columns?: ColumnMapping): Promise<Dataset> {
  const raw = await readDataFile(source);
  const records: DataRecord[] = [];
  const problems = [...raw.problems];
  const formats = new Map<string, number>();
  const tasks = new Map<string, number>();
  for (const { at, value } of raw.values) {
    try {
      const { format, content, task } = readFields(value, columns);
      records.push({ at, content, task });
      count(formats, format);
      if (task !== undefined) count(tasks, task);
    } catch (error) {
      if (!(error instanceof BadRecord)) throw error;
      problems.push({ at, reason: error.message });
    }
  }
  problems.sort((a, b) => a.at - b.at);
  const [first] = problems;
  if (records.length === 0) {
    const detail = first === undefined ? '' : ` (${raw.unit} ${first.at}: ${first.reason})`;
    const remedy = `give records with the fields ${KNOWN_FIELDS}, or name the columns that stand for them`;
    throw new UserError(source.name, `it has no usable record${detail}`, remedy);
  }
  return {
    records,
    summary: {
      name: source.name,
      container: raw.container,
      unit: raw.unit,
      formats: new Map([...formats].sort((a, b) => b[1] - a[1])),
      tasks,
      records: records.length,
      skipped: problems.length,
      problems: problems.slice(0, SHOWN_PROBLEMS),
    },
  };
}

function count(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}
