import { unzipSync, zipSync } from 'fflate';
import { UserError } from '../../config/errors';
import { validateRunConfig } from '../../config/validate';
import { readSnapshot } from '../../engine/train/snapshot';
import { memorySource } from '../../engine/formats/byteSource';
import { isJsonObject } from '../../engine/formats/jsonFile';
import type { Accuracy } from '../../worker/protocol';
import type { LogLine } from '../../worker/runLog';
import type { Moment, RunHistory, StoredRun } from '../../worker/storedRun';

/** A kept run as one file: a zip with these entries and no other. */
const RECORD = 'masa-run.json';
const LOG = 'metrics.jsonl';
const MOMENTS = 'moments.jsonl';
const SNAPSHOT = 'snapshot.safetensors';

/** Most bytes of each entry when it is unpacked. */
const MOST: Readonly<Record<string, number>> = {
  [RECORD]: 2 ** 20,
  [LOG]: 2 ** 28,
  [MOMENTS]: 2 ** 27,
  [SNAPSHOT]: 2 ** 31 - 1,
};
const MOST_FILE = 2 ** 31 - 1;
const MOST_TEXT = 10_000; // characters of one text
const VERSION = 1;

/** What is in a run's file. */
export interface RunFile extends RunHistory {
  readonly run: StoredRun;
  readonly snapshot: Uint8Array<ArrayBuffer> | undefined;
}

/** Packs a kept run. */
export function writeRunFile({ run, log, moments, snapshot }: RunFile): Uint8Array<ArrayBuffer> {
  const encode = new TextEncoder();
  const lines = (values: readonly object[]) =>
    encode.encode(values.map((value) => `${JSON.stringify(value)}\n`).join(''));
  return zipSync({
    [RECORD]: encode.encode(JSON.stringify({ version: VERSION, ...run }, null, 2)),
    [LOG]: lines(log),
    [MOMENTS]: lines(moments),
    // Floats hardly shrink.
    ...(snapshot === undefined ? {} : { [SNAPSHOT]: [snapshot, { level: 0 }] as const }),
  });
}

/**
 * Reads a run's file. Sizes are checked before anything is unpacked, and everything in it before it is used.
 *
 * @param id under which it will be kept
 * @throws UserError where it is not one, or its parts do not fit each other
 */
export async function readRunFile(file: Blob & { readonly name: string }, id: string): Promise<RunFile> {
  const refuse = (problem: string) =>
    new UserError(file.name, problem, 'choose a file that “Save to a file” gave, unaltered');
  if (file.size > MOST_FILE) throw refuse('it is larger than any run’s file');
  const entries = unpack(new Uint8Array(await file.arrayBuffer()), refuse);
  const text = (name: string) => new TextDecoder().decode(entries[name]);
  const fields = parse(text(RECORD));
  if (fields?.['version'] !== VERSION) throw refuse('it is not the file of a run');
  const bytes = entries[SNAPSHOT];
  const snapshot = bytes && (await readSnapshot(memorySource(file.name, bytes)));
  const layers = snapshot?.adapter.base.config.layers ?? Number.MAX_SAFE_INTEGER;
  const run = recordIn(fields, id, layers, bytes?.byteLength ?? 0);
  if (run === undefined) throw refuse('its record is incomplete');
  const log = parseLines(text(LOG), (line) => logLine(line, run));
  const moments = parseLines(text(MOMENTS), momentIn);
  if (log === undefined || moments === undefined || !isRising(log)) throw refuse('its curves are damaged');
  if (snapshot !== undefined) {
    const isOwn = snapshot.step === run.steps && sameSettings(snapshot.run, run.settings);
    if (!isOwn) throw refuse('its snapshot is of another run');
  }
  return { run, log, moments, snapshot: bytes };
}

function unpack(bytes: Uint8Array<ArrayBuffer>, refuse: (problem: string) => UserError) {
  try {
    return unzipSync(bytes, {
      filter: ({ name, originalSize }) => {
        const most = MOST[name];
        if (most === undefined) throw refuse(`it holds ${JSON.stringify(name.slice(0, 40))}`);
        if (originalSize > most) throw refuse(`its ${name} is larger than it can be`);
        return true;
      },
    });
  } catch (error) {
    throw error instanceof UserError ? error : refuse('it is no zip, or cut short');
  }
}

function recordIn(
  fields: Record<string, unknown>,
  id: string,
  layers: number,
  snapshotBytes: number,
): StoredRun | undefined {
  const { name, note, caption, prompt, scenario, createdAt, status, steps, settings, marks } = fields;
  const model = textsIn(fields['model'], ['name', 'fingerprint']);
  const data = textsIn(fields['data'], ['name', 'sha256']);
  const columns = isJsonObject(fields['data']) ? fields['data']['columns'] : undefined;
  if (!isText(name) || !isText(note) || !isText(caption) || !isText(prompt)) return undefined;
  if (model === undefined || data === undefined || !isJsonObject(settings)) return undefined;
  if (!isCount(createdAt) || !isCount(steps) || !isStatus(status)) return undefined;
  if (columns !== null && !isText(columns)) return undefined;
  const numbers = [fields['lastLoss'], fields['finalValidation']];
  if (!numbers.every((value) => value === undefined || typeof value === 'number')) return undefined;
  return {
    ...{ id, name, note, caption, prompt, createdAt, steps, snapshotBytes },
    // Nobody is at it here.
    status: status === 'running' || status === 'paused' ? 'stopped' : status,
    pinned: fields['pinned'] === true,
    deleted: false,
    settings: validateRunConfig(settings, { layers, software: false }),
    scenario: isText(scenario) ? scenario : undefined,
    model: { name: model.name ?? '', fingerprint: model.fingerprint ?? '' },
    data: { name: data.name ?? '', sha256: data.sha256 ?? '', columns },
    lastLoss: fields['lastLoss'] as number | undefined,
    finalValidation: fields['finalValidation'] as number | undefined,
    marks: Array.isArray(marks) ? marks.flatMap(markIn) : [],
  };
}

function markIn(value: unknown): StoredRun['marks'] {
  if (!isJsonObject(value)) return [];
  const { step, kind, label } = value;
  const kinds = ['paused', 'resumed', 'continued', 'rate', 'spike'] as const;
  const known = kinds.find((name) => name === kind);
  return isCount(step) && isText(label) && known !== undefined ? [{ step, kind: known, label }] : [];
}

function logLine(
  value: Record<string, unknown>,
  { steps, settings }: Pick<StoredRun, 'steps' | 'settings'>,
): LogLine | undefined {
  const { step, acc_by_task: shares, expert_load: loads, ...rest } = value;
  if (!isCount(step) || step > steps) return undefined;
  const numbers = Object.entries(rest).filter(([, number]) => typeof number === 'number');
  const byTask = isJsonObject(shares)
    ? Object.entries(shares).filter(([, share]) => typeof share === 'number')
    : undefined;
  const isLoad =
    Array.isArray(loads) &&
    loads.length === settings.num_experts &&
    loads.every((load) => typeof load === 'number');
  const line = { step, ...Object.fromEntries(numbers), ...(isLoad ? { expert_load: loads } : {}) };
  return byTask === undefined
    ? line
    : { ...line, acc_by_task: Object.fromEntries(byTask) as Record<string, number> };
}

function momentIn(value: Record<string, unknown>): Moment | undefined {
  const { kind, step, prompt, text } = value;
  if (!isCount(step)) return undefined;
  if (kind === 'before' || kind === 'after') {
    return isText(prompt) && isText(text) ? { kind, step, prompt, text } : undefined;
  }
  const { mean, byTask, cut } = value;
  if (kind !== 'accuracy' || !isSummary(mean) || !Array.isArray(byTask) || !isCount(cut)) return undefined;
  return byTask.every(isSummary) ? { kind, step, mean, byTask, cut } : undefined;
}

function isSummary(value: unknown): value is Accuracy['mean'] {
  if (!isJsonObject(value)) return false;
  return Object.values(value).every(
    (part) =>
      part === null ||
      ['number', 'string'].includes(typeof part) ||
      (Array.isArray(part) && part.every((number) => typeof number === 'number')),
  );
}

function parse(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isJsonObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** undefined where one of the lines is not as it should be. */
function parseLines<T>(
  text: string,
  read: (line: Record<string, unknown>) => T | undefined,
): T[] | undefined {
  const values: T[] = [];
  for (const line of text.split('\n')) {
    if (line === '') continue;
    const fields = parse(line);
    const value = fields && read(fields);
    if (value === undefined) return undefined;
    values.push(value);
  }
  return values;
}

function textsIn<K extends string>(
  value: unknown,
  keys: readonly K[],
): Partial<Record<K, string>> | undefined {
  if (!isJsonObject(value)) return undefined;
  const entries = keys.map((key) => [key, value[key]] as const);
  if (!entries.every(([, text]) => isText(text))) return undefined;
  return Object.fromEntries(entries) as Partial<Record<K, string>>;
}

function isRising(log: readonly LogLine[]): boolean {
  return log.every(({ step }, index) => index === 0 || step > (log[index - 1]?.step ?? Infinity));
}

function sameSettings(a: StoredRun['settings'], b: StoredRun['settings']): boolean {
  return Object.entries(a).every(([key, value]) => String(b[key as keyof typeof b]) === String(value));
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value.length <= MOST_TEXT;
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

function isStatus(value: unknown): value is StoredRun['status'] {
  return ['running', 'paused', 'stopped', 'done', 'failed'].includes(String(value));
}
