import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import packageFile from '../../package.json';
import type { PlannedRun, SweepPlan } from '../compare/plan';
import { figuresOf, meanAccuracy, type BaseResult, type Machine, type RunResult } from '../compare/result';
import { scoreChoices, summarise, type BaseModel, type Checkpoint, type InferenceAdapter } from '../engine';
import { adapterBase } from '../engine/export/adapterBase';
import { openAdapter } from '../engine/export/openAdapter';
import { NATIVE_ADAPTER_FILE } from '../engine/formats/recognise';
import { choiceQuestions } from '../scenarios/questions';
import { testItems } from '../scenarios/records';
import { withAdapter } from './adapter';
import { prepare, type OpenedData } from './data';
import { namesIn } from './disk';
import { openPath } from './files';
import type { Io } from './io';
import { requireTokenizer } from './model';
import { Progress } from './progress';
import { FILES, readRun, type DataIdentity } from './runFolder';
import { remarksOnResumed } from './settings';
import type { SweepFolder } from './sweepFolder';
import { trainRun } from './trainRun';

/** What all runs of a sweep share. */
export interface Bench {
  readonly io: Io;
  readonly plan: SweepPlan;
  readonly checkpoint: Checkpoint;
  readonly base: BaseModel;
  readonly data: OpenedData;
  readonly identity: DataIdentity;
  readonly folder: SweepFolder;
}

/** Asks the base model the questions of the sweep. */
export async function measureBase(bench: Bench): Promise<BaseResult> {
  return { tasks: (await ask(bench, undefined)) ?? [], ...machineOf(bench) };
}

/**
 * Trains one run of a sweep, from its last snapshot where it was begun before, and asks the questions with the adapter
 * as it was saved. All runs use the kernels that are usual on the adapter, so that their times can be compared.
 *
 * @throws what stopped it: the signal's reason, or the sentence of a failure
 */
export async function executeRun(
  { id, configuration, seed, run }: PlannedRun,
  bench: Bench,
): Promise<RunResult> {
  const { io, plan, checkpoint, base, data, identity, folder } = bench;
  const out = folder.run(id);
  const tokenizer = requireTokenizer(checkpoint);
  const begun = (await namesIn(out)).includes(FILES.snapshot);
  const earlier = begun ? await readRun(out) : undefined;
  if (earlier !== undefined) {
    for (const remark of remarksOnResumed(run, earlier.snapshot, base.gpu.info.name)) io.err(`${remark}\n`);
  }
  const { sweep } = plan;
  const { results, points } = await trainRun({
    ...{ io, base, tokenizer, identity, run, earlier, out, kernels: 'usual' },
    data: prepare(io, data, tokenizer, run),
    scenario: sweep.data.kind === 'scenario' ? sweep.data.scenario : undefined,
    watched: undefined,
  });
  io.interrupted.throwIfAborted();
  const adapter = await openAdapter(await openPath(out), await adapterBase(checkpoint));
  const tasks = await withAdapter(base, adapter, (attached) => ask(bench, attached));
  return {
    ...{ id, configuration, seed, settings: run },
    kernels: earlier?.snapshot.kernels ?? base.kernels,
    trainable_weights: results.trainable_parameters,
    adapter_bytes: (await stat(join(out, NATIVE_ADAPTER_FILE))).size,
    ...figuresOf(points, run.logging_steps),
    accuracy: meanAccuracy(tasks),
    tasks,
    ...machineOf(bench),
  };
}

/** Accuracies on the questions of the sweep; null where it has none. */
async function ask({ io, plan, checkpoint, base }: Bench, adapter: InferenceAdapter | undefined) {
  const { data, questions } = plan.sweep;
  if (data.kind === 'file' || questions === undefined) return null;
  const progress = new Progress(io);
  const asked = choiceQuestions(testItems(data.scenario, questions));
  try {
    const results = await scoreChoices(base, requireTokenizer(checkpoint), asked, {
      adapter,
      signal: io.interrupted,
      onProgress: (done, total) => {
        progress.show(`Asking: ${done} of ${total} choices`, false);
      },
    });
    return summarise(results);
  } finally {
    progress.clear();
  }
}

function machineOf({ base }: Bench): Machine {
  const { name, vendor, architecture } = base.gpu.info;
  return {
    gpu: { name, vendor, architecture },
    versions: { masa: packageFile.version, node: process.versions.node },
  };
}
