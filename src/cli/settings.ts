import { UserError } from '../config/errors';
import { isKnobKey, KNOB_KEYS, knob } from '../config/knobs';
import type { RunConfig } from '../config/runConfig';
import { parseKnobText, validateRunConfig } from '../config/validate';
import type { Snapshot } from '../engine';
import { isJsonObject, readJsonObject } from '../engine/formats/jsonFile';
import { isFileSet } from '../engine/formats/recognise';
import type { FlagSpec } from './commandSpec';
import { openPath } from './files';
import type { Flags } from './flags';

/** Tokens of one optimiser step that a processor playing the GPU gets through in seconds. */
const SOFTWARE_STEP_TOKENS = 256;
/** Rows shorter than this hold no example worth learning from, so no default goes below it. */
const SHORTEST = 16;

/** Settings that may change when a run goes on: they say how it is carried out and how far, not what it is. */
const RESUMABLE: readonly (keyof RunConfig)[] = [
  'max_steps',
  'eval_steps',
  'logging_steps',
  'save_steps',
  'gradient_checkpointing',
];

/** The flags of `train` that stand in the knob table. */
export const KNOB_FLAGS: readonly FlagSpec[] = KNOB_KEYS.map((key) => {
  const row = knob(key);
  const describe = (value: string, preset: string | number, unit = '', more = ''): FlagSpec => {
    return { key, value, hint: `${row.label}${unit}. ${row.hint} (default ${preset}${more})` };
  };
  switch (row.kind) {
    case 'integer':
    case 'number': {
      const unit = row.unit === undefined ? '' : `, in ${row.unit}`;
      const slow = row.softwareDefault === undefined ? '' : `; on a software adapter ${row.softwareDefault}`;
      return describe(row.kind === 'integer' ? 'N' : 'X', row.default, unit, slow);
    }
    case 'choice':
      return describe(Object.keys(row.choices).join('|'), row.default);
    case 'modules':
      return describe('NAME,…', 'all-linear');
  }
});

/** What the user set by flags and, where no flag says otherwise, in the file of `--config`. */
export async function chosenSettings(flags: Flags): Promise<Partial<RunConfig>> {
  const path = flags.optional('config');
  const file = path === undefined ? {} : await settingsFile(path);
  const typed = flags.chosen(isKnobKey).map(([key, text]) => {
    const { key: known, value } = parseKnobText(key, text);
    return [known, value] as const;
  });
  return { ...file, ...Object.fromEntries(typed) };
}

/** Settings of a run.json that train wrote, or of a JSON object that holds nothing but settings. */
async function settingsFile(path: string): Promise<object> {
  const source = await openPath(path);
  if (isFileSet(source)) throw new UserError(path, 'this is a folder', 'give the run.json in it');
  const content = await readJsonObject(source);
  const settings = content['config'] ?? content;
  if (!isJsonObject(settings)) throw new UserError(path, '"config" is not an object', 'give a run.json');
  return settings;
}

/** What a default depends on beside the knob table. */
export interface Surroundings {
  /** L. */
  readonly layers: number;
  /** Positions that the model was made for. */
  readonly maxPositions: number;
  /** Whether a processor plays the GPU. */
  readonly software: boolean;
}

/**
 * The settings of a new run: what was chosen, over the defaults. Defaults make no rows longer than the model was
 * made for, and on a software adapter small steps, whatever else was chosen; what was chosen is never changed.
 *
 * @throws UserError for a value that is out of range for a model with L layers
 */
export function newRun(chosen: Partial<RunConfig>, surroundings: Surroundings): RunConfig {
  const { layers, maxPositions, software } = surroundings;
  const run = validateRunConfig(chosen, { layers });
  const { per_device_train_batch_size: batch } = run;
  let { gradient_accumulation_steps, max_length } = run;
  if (chosen.max_length === undefined) max_length = Math.min(max_length, maxPositions);
  if (!software) return { ...run, max_length };
  const fitting = (other: number) => Math.floor(SOFTWARE_STEP_TOKENS / (batch * other));
  if (chosen.gradient_accumulation_steps === undefined) {
    gradient_accumulation_steps = clamp(fitting(max_length), 1, gradient_accumulation_steps);
  }
  if (chosen.max_length === undefined) {
    max_length = clamp(fitting(gradient_accumulation_steps), Math.min(SHORTEST, max_length), max_length);
  }
  return { ...run, gradient_accumulation_steps, max_length };
}

function clamp(value: number, min: number, max: number): number {
  return Math.min(Math.max(value, min), max);
}

/** What somebody should know about the settings of a new run, a sentence each. */
export function remarksOn(run: RunConfig, chosen: Partial<RunConfig>, surroundings: Surroundings): string[] {
  const remarks: string[] = [];
  const elsewhere = newRun(chosen, { ...surroundings, software: false });
  const smaller = (['max_length', 'gradient_accumulation_steps'] as const)
    .filter((key) => run[key] !== elsewhere[key])
    .map((key) => `${key} ${run[key]} instead of ${elsewhere[key]}`);
  if (smaller.length > 0) {
    remarks.push(`This is a software adapter, so the default step is small: ${smaller.join(' and ')}.`);
  }
  if (run.max_length > surroundings.maxPositions) {
    remarks.push(
      `max_length ${run.max_length} is more than the ${surroundings.maxPositions} positions that the model was made for.`,
    );
  }
  return remarks;
}

/**
 * The settings of a run that goes on: those of the snapshot, but for the few that may change.
 *
 * @throws UserError for a chosen setting that would make another run of it
 */
export function resumedRun(
  chosen: Partial<RunConfig>,
  { path, snapshot }: { readonly path: string; readonly snapshot: Pick<Snapshot, 'run' | 'step'> },
  layers: number,
): RunConfig {
  const { run: before, step } = snapshot;
  const run = validateRunConfig({ ...before, ...chosen }, { layers });
  for (const key of KNOB_KEYS) {
    if (RESUMABLE.includes(key) || String(run[key]) === String(before[key])) continue;
    throw new UserError(
      key,
      `the run in ${path} was started with ${String(before[key])}, not ${String(run[key])}`,
      'leave the flag out to resume it, or start a new run without --resume',
    );
  }
  if (run.max_steps <= step) {
    const problem = `the run in ${path} has done ${step} steps already`;
    throw new UserError('max_steps', problem, `give more than ${step} to go on`);
  }
  return run;
}

/** What somebody should know about a run that goes on, a sentence each. `gpu` is the adapter's name. */
export function remarksOnResumed(run: RunConfig, before: Snapshot, gpu: string): string[] {
  const remarks: string[] = [];
  if (run.max_steps !== before.run.max_steps && run.lr_scheduler_type !== 'constant') {
    remarks.push(
      `The learning rate now falls to zero at step ${run.max_steps} instead of ${before.run.max_steps}.`,
    );
  }
  if (before.gpu !== gpu) {
    remarks.push(`The run was begun on ${before.gpu}: here it goes on with other rounding.`);
  }
  return remarks;
}
