import { UserError } from '../config/errors';
import type { RunConfig } from '../config/runConfig';
import { validateRunConfig } from '../config/validate';
import { prepareData, type PreparedData } from '../engine/data/prepare';
import type { RunArchive } from './archive';
import { Keeper } from './keeper';
import type { Command, RunEvent } from './protocol';
import { recordOf } from './record';
import { TrainingRun } from './run';
import { RunLog } from './runLog';
import type { RunEngine, RunMaterials } from './runParts';
import type { KeptRun } from './storedRun';
import type { Workbench } from './workbench';

/** Where runs are made. */
export interface RunSite {
  readonly engine: RunEngine;
  /** A run is made of what lies on it now. */
  readonly bench: Workbench;
  readonly post: (event: RunEvent) => void;
  /** undefined where runs cannot be kept. */
  readonly archive: RunArchive | undefined;
}

/**
 * A run that begins.
 *
 * @throws UserError where the settings are not valid or leave nothing to train on
 */
export function newRun(
  { engine, bench, post, archive }: RunSite,
  { runId, run, prompt, keep }: Extract<Command, { type: 'train' }>,
): TrainingRun {
  const log = new RunLog();
  const materials = materialsOf(bench, runId, run, prompt);
  if (keep === undefined || archive === undefined) return new TrainingRun(engine, materials, post, log);
  const create = recordOf(bench, materials, keep, archive);
  const keeper = new Keeper({ id: keep.id, runId, archive, log, post, create }, { step: 0, marks: [] });
  return new TrainingRun(engine, materials, post, log, keeper);
}

/** A run that was kept, to be executed from its snapshot; `paused`: to wait there. */
export function keptRun(
  { engine, bench, post }: RunSite,
  archive: RunArchive,
  kept: KeptRun,
  { runId, id, paused }: Extract<Command, { type: 'continueRun' }>,
): TrainingRun {
  const { run, snapshot } = kept;
  const step = snapshot?.step ?? 0;
  const log = new RunLog(kept.log);
  log.rewind(step);
  const materials = materialsOf(bench, runId, run.settings, run.prompt);
  const as = { id, runId, archive, log, create: undefined, post };
  const keeper = new Keeper(as, { step, marks: run.marks });
  const isDone = step === run.settings.max_steps;
  if (step > 0 && !paused && !isDone) keeper.mark({ step, kind: 'continued', label: 'continued here' });
  return new TrainingRun(engine, materials, post, log, keeper);
}

/** @throws UserError where it is not there */
export async function readKept(
  archive: RunArchive | undefined,
  id: string,
): Promise<readonly [RunArchive, KeptRun]> {
  const kept = await archive?.read(id);
  if (archive === undefined || kept === undefined) {
    throw new UserError('Run', 'it is not kept in this browser any more', 'train again');
  }
  return [archive, kept];
}

/** @throws UserError where what lies on the workbench is not what the run was made of */
export async function requireItsOwn(bench: Workbench, { run }: KeptRun): Promise<void> {
  const { model, data } = await bench.materials();
  const isSame =
    model.fingerprint === run.model.fingerprint &&
    data.sha256 === run.data.sha256 &&
    data.columns === run.data.columns;
  if (isSame) return;
  const what = `it learns ${run.data.name} with ${run.model.name}`;
  throw new UserError(run.name, what, 'choose these two to go on with it');
}

/** @throws UserError where there is no example */
export function requireExamples({ train }: PreparedData): void {
  if (train.length > 0) return;
  throw new UserError('val_size', 'it leaves nothing to train on', 'give a smaller part or more data');
}

function materialsOf(bench: Workbench, runId: number, settings: RunConfig, prompt: string): RunMaterials {
  const { checkpoint, tokenizer } = bench.model;
  const { dataset, hash, columns, scenario } = bench.data;
  const run = validateRunConfig(settings, { layers: checkpoint.config.layers });
  const data = prepareData(dataset, tokenizer, run);
  requireExamples(data);
  return {
    ...{ runId, run, prompt, scenario, data, tokenizer },
    ...{ dataName: dataset.summary.name, dataHash: hash, columns },
    loadBase: (onProgress, signal) => bench.loadBase(checkpoint, onProgress, signal),
  };
}
