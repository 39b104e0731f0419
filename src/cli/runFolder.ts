import { appendFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { UserError } from '../config/errors';
import type { RunConfig } from '../config/runConfig';
import { readSnapshot, writeSnapshot, type Snapshot } from '../engine';
import { writeNativeAdapter } from '../engine/export/nativeAdapter';
import { isJsonObject, readOptionalJson, readText, type JsonObject } from '../engine/formats/jsonFile';
import { NATIVE_ADAPTER_FILE } from '../engine/formats/recognise';
import type { KernelChoice } from '../engine/ops/gemm/choice';
import { makeFolder, namesIn, writeWhole, writing } from './disk';
import { openFolder } from './files';
import { isPoint, type Point, type Results } from './metrics';

/** The files of a run. */
export const FILES = {
  /** What the run is and what came of it. */
  record: 'run.json',
  /** A line a step. */
  metrics: 'metrics.jsonl',
  /** What a resumed run needs. */
  snapshot: 'snapshot.safetensors',
  adapter: NATIVE_ADAPTER_FILE,
} as const;

/** Which data a run learns from; a resumed run has to have the same. */
export interface DataIdentity {
  /** Of the file, or the id of the scenario that made the records. */
  readonly name: string;
  readonly sha256: string;
  /** The column mapping as it was typed. */
  readonly columns: string | null;
}

/** Content of run.json. */
export interface RunRecord {
  readonly config: RunConfig;
  readonly base: { readonly name: string; readonly fingerprint: string };
  /** Whose data and defaults it has; null where the data is a file. */
  readonly scenario: string | null;
  readonly data: DataIdentity;
  readonly gpu: { readonly name: string; readonly vendor: string; readonly architecture: string };
  /** Which kernels were chosen; with others the same run differs in its last bits. */
  readonly kernels: KernelChoice;
  readonly versions: Readonly<Record<string, string>>;
  /** Absent while the run is going on. */
  readonly results?: Results;
}

/** A run that was written before and is to go on. */
export interface EarlierRun {
  /** Its folder, as the user wrote it. */
  readonly path: string;
  readonly snapshot: Snapshot;
  /** The metrics up to the snapshot. */
  readonly points: readonly Point[];
  /** undefined where run.json is missing. */
  readonly data: JsonObject | undefined;
}

/** Reads what `--resume` needs from the folder of a run. */
export async function readRun(path: string): Promise<EarlierRun> {
  const folder = await openFolder(path);
  const source = folder.files.get(FILES.snapshot);
  if (source === undefined) {
    throw new UserError(
      path,
      `there is no ${FILES.snapshot} in it`,
      'give the folder of a run that train wrote',
    );
  }
  const snapshot = await readSnapshot(source);
  const metrics = folder.files.get(FILES.metrics);
  const lines = metrics === undefined ? [] : (await readText(metrics)).split('\n');
  // A run that was cut off may have done steps after its last snapshot; they will be done again.
  const points = lines.map(parseLine).filter((point) => point !== undefined);
  const data = (await readOptionalJson(folder, FILES.record))?.['data'];
  return {
    path,
    snapshot,
    points: points.filter(({ step }) => step <= snapshot.step),
    data: isJsonObject(data) ? data : undefined,
  };
}

/** Throws UserError where the folder holds a run already, unless that is the one which is resumed. */
export async function refuseOtherRun(out: string, resumed: string | undefined): Promise<void> {
  if (resumed !== undefined && resolve(out) === resolve(resumed)) return;
  const names = await namesIn(out);
  if (!Object.values(FILES).some((name) => names.includes(name))) return;
  const goOn = names.includes(FILES.snapshot) ? `, or --resume ${out} to go on with that run` : '';
  throw new UserError(out, 'it holds another run already', `give another folder to --out${goOn}`);
}

/** The folder of a run while the run writes to it. */
export class RunFolder {
  readonly #path: string;

  private constructor(path: string) {
    this.#path = path;
  }

  /** Makes the folder and starts its metrics with those of the run so far. */
  static async open(path: string, points: readonly Point[]): Promise<RunFolder> {
    await makeFolder(path);
    const folder = new RunFolder(path);
    await folder.rewritePoints(points);
    return folder;
  }

  /** Replaces the metrics as a whole. */
  async rewritePoints(points: readonly Point[]): Promise<void> {
    await writeWhole(join(this.#path, FILES.metrics), points.map(toLine).join(''));
  }

  /** Adds a line to the metrics; it is in the file when the promise resolves. */
  async addPoint(point: Point): Promise<void> {
    const path = join(this.#path, FILES.metrics);
    await writing(path, () => appendFile(path, toLine(point)));
  }

  async writeRecord(record: RunRecord): Promise<void> {
    await writeWhole(join(this.#path, FILES.record), `${JSON.stringify(record, null, 2)}\n`);
  }

  /** Writes the state of the run, and the adapter alone with the given notes about where it comes from. */
  async save(snapshot: Snapshot, notes: Readonly<Record<string, string>>): Promise<void> {
    const { adapter } = snapshot;
    const documented = { ...adapter, metadata: { ...adapter.metadata, ...notes } };
    await writeWhole(join(this.#path, FILES.adapter), writeNativeAdapter(documented));
    await writeWhole(join(this.#path, FILES.snapshot), writeSnapshot(snapshot));
  }
}

function toLine(point: Point): string {
  return `${JSON.stringify(point)}\n`;
}

/** undefined for an empty line, and for one that was cut off in the middle. */
function parseLine(line: string): Point | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return isPoint(value) ? value : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
