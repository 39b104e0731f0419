import { version } from '../../package.json';
import type { PlannedRun } from '../compare/plan';
import {
  figuresOf,
  meanAccuracy,
  type BaseResult,
  type Machine,
  type RunResult,
  type StepRecord,
} from '../compare/result';
import type { RunConfig } from '../config/runConfig';
import { runBatches, type PreparedData } from '../engine/data/prepare';
import type { Tokenizer } from '../engine/data/tokenizer';
import type { TaskSummary } from '../engine/eval/summary';
import { writeNativeAdapter } from '../engine/export/nativeAdapter';
import type { BaseModel } from '../engine/model/baseModel';
import type { InferenceAdapter } from '../engine/model/decoder';
import { nextStop } from '../engine/train/schedule';
import type { Trainer } from '../engine/train/trainer';
import type { Scenario } from '../scenarios/scenario';
import { breathe } from './breathe';
import { JobLost } from './faults';
import type { JobEvent } from './protocol';
import { openAsker, scenarioQuestions } from './questions';
import type { RunEngine } from './runParts';
import type { Workbench } from './workbench';

/** What a job of a comparison works with. */
export interface JobMaterials {
  readonly engine: Pick<RunEngine, 'createTrainer' | 'openChoiceScorer' | 'openExactMatcher'>;
  readonly base: BaseModel;
  readonly tokenizer: Tokenizer;
  /** Whose questions are asked, and how many a task; undefined where none are. */
  readonly questions: { readonly scenario: Scenario; readonly limit: number } | undefined;
  readonly onProgress: (progress: Pick<JobEvent, 'stage' | 'done' | 'total'>) => void;
  /** Stops the job after the step or the pass under way. */
  readonly signal: AbortSignal;
}

/**
 * What a job works with, on what lies on the workbench.
 *
 * @param id of the job, for its events
 * @param limit questions a task; none are asked where it is undefined or the data is from no scenario
 */
export async function openJob(
  at: {
    readonly engine: JobMaterials['engine'];
    readonly bench: Workbench;
    readonly post: (event: JobEvent) => void;
  },
  id: string,
  limit: number | undefined,
  signal: AbortSignal,
): Promise<JobMaterials> {
  const { engine, bench, post } = at;
  const { checkpoint, tokenizer } = bench.model;
  const { scenario } = bench.data;
  const onProgress: JobMaterials['onProgress'] = (progress) => {
    post({ type: 'job', id, ...progress });
  };
  const loaded = (done: number, total: number) => {
    onProgress({ stage: 'loading', done, total });
  };
  const base = await bench.loadBase(checkpoint, loaded, signal);
  const questions = scenario === undefined || limit === undefined ? undefined : { scenario, limit };
  return { engine, base, tokenizer, questions, onProgress, signal };
}

/**
 * Trains one run of a comparison to its end, with validation as a run by itself has it, and asks the questions. Like
 * `masa compare` it takes the kernels that are usual on the adapter, so that times can be compared.
 *
 * @throws the signal's reason, or UserError where the loss stops being a number or the device is lost
 */
export async function runJob(
  { id, configuration, seed, run }: PlannedRun,
  data: PreparedData,
  materials: JobMaterials,
): Promise<RunResult> {
  const { engine, base, onProgress, signal } = materials;
  const trainer = await engine.createTrainer(base, {
    run,
    batches: runBatches(data, run),
    kernels: base.kernels,
    onCompile: (done, total) => {
      onProgress({ stage: 'compiling', done, total });
    },
  });
  try {
    return await unlessLost(base, async () => {
      const records = await train(trainer, run, data.validation.length > 0, materials);
      const { adapter } = await trainer.snapshot();
      const tasks = await ask(materials, trainer.inference);
      signal.throwIfAborted();
      return {
        ...{ id, configuration, seed, settings: run },
        kernels: trainer.kernels,
        trainable_weights: trainer.plan.trainableParameters,
        adapter_bytes: writeNativeAdapter(adapter).byteLength,
        ...figuresOf(records, run.logging_steps),
        accuracy: meanAccuracy(tasks),
        tasks,
        ...machineOf(base),
      };
    });
  } finally {
    trainer.destroy();
  }
}

/** Asks the base model the questions of a comparison. */
export async function askBase(materials: JobMaterials): Promise<BaseResult> {
  const { base } = materials;
  const tasks = await unlessLost(base, () => ask(materials, undefined));
  return { tasks: tasks ?? [], ...machineOf(base) };
}

async function train(
  trainer: Trainer,
  run: RunConfig,
  isValidated: boolean,
  { onProgress, signal }: JobMaterials,
): Promise<StepRecord[]> {
  const records: StepRecord[] = [];
  const validate = async () => {
    signal.throwIfAborted();
    if (!isValidated) return;
    const { loss } = await trainer.validate();
    records.push({ step: trainer.stepsDone, val_loss: loss });
  };
  const total = run.max_steps;
  onProgress({ stage: 'training', done: 0, total });
  await validate();
  while (trainer.stepsDone < total) {
    await trainer.steps(
      nextStop(trainer.stepsDone, run),
      async (point) => {
        records.push(point);
        onProgress({ stage: 'training', done: point.step, total });
        await breathe();
      },
      () => !signal.aborted,
    );
    const step = trainer.stepsDone;
    if (step === total || (run.eval_steps > 0 && step % run.eval_steps === 0)) await validate();
    signal.throwIfAborted();
  }
  return records;
}

/** Accuracies by task; null where nothing is asked. */
async function ask(
  { engine, base, tokenizer, questions, onProgress, signal }: JobMaterials,
  adapter: InferenceAdapter | undefined,
): Promise<readonly TaskSummary[] | null> {
  if (questions === undefined) return null;
  const asked = scenarioQuestions(questions.scenario, questions.limit);
  const asker = await openAsker(engine, base, tokenizer, asked, adapter);
  try {
    const { byTask } = await asker.ask({
      signal,
      onProgress: (done, total) => {
        onProgress({ stage: 'asking', done, total });
      },
    });
    return byTask;
  } finally {
    asker.destroy();
  }
}

/** Work on the GPU never ends once the device is lost. */
async function unlessLost<T>(base: BaseModel, work: () => Promise<T>): Promise<T> {
  const lost = base.gpu.lost.then((reason): never => {
    throw new JobLost(reason);
  });
  return await Promise.race([work(), lost]);
}

function machineOf({ gpu }: BaseModel): Machine {
  const { name, vendor, architecture } = gpu.info;
  return { gpu: { name, vendor, architecture }, versions: { masa: version, browser: navigator.userAgent } };
}
