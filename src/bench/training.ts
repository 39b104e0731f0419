import {
  createTrainer,
  loadBaseModel,
  tuneRun,
  type BaseModel,
  type GpuDevice,
  type LlamaConfig,
  type Trainer,
} from '../engine';
import type { RunConfig } from '../config/runConfig';
import type { MicroBatch } from '../engine/data/batch';
import type { KernelChoice } from '../engine/ops/gemm/choice';
import { benchRun, randomBatch, randomCheckpoint } from './model';
import { guarded, type Subject, type TimingOptions } from './timing';

/** Told what is being prepared. */
export type OnPreparation = (what: string) => void;

/** A run whose steps are timed. */
export interface TrainingSubject extends Subject {
  readonly trainer: Trainer;
  /** Loss before the first update. */
  readonly firstLoss: number;
}

/** Opens a run on one batch and does its first step. */
export async function openTraining(
  name: string,
  base: BaseModel,
  run: RunConfig,
  batch: MicroBatch,
  kernels: KernelChoice,
): Promise<TrainingSubject> {
  const batches = { batchFor: () => batch, validation: [] };
  const trainer = await createTrainer(base, { run, batches, kernels });
  const { loss } = await trainer.step();
  return {
    name,
    trainer,
    firstLoss: loss,
    run: (times) => trainer.steps(trainer.stepsDone + times, () => undefined),
  };
}

/** Has a model of random weights while `body` runs, inside error scopes. */
async function withModel<T>(
  gpu: GpuDevice,
  model: LlamaConfig,
  dtype: 'F32' | 'BF16',
  onPreparation: OnPreparation,
  body: (base: BaseModel) => Promise<T>,
): Promise<T> {
  onPreparation(`a model of random weights in ${dtype}`);
  const base = await loadBaseModel(gpu, randomCheckpoint(model, dtype));
  try {
    return await guarded(gpu.device, () => body(base));
  } finally {
    base.destroy();
  }
}

/** What steps of one model are timed with. */
export interface TrainingBed {
  readonly base: BaseModel;
  readonly batch: MicroBatch;
  readonly kernels: KernelChoice;
}

/**
 * Has runs of one model of random weights while `body` times them: all on the same batch and with the same kernels.
 *
 * @param runs by name, opened in this order
 * @throws Error where their first losses differ in a bit
 */
export async function withTrainings<T>(
  gpu: GpuDevice,
  model: LlamaConfig,
  dtype: 'F32' | 'BF16',
  runs: readonly (readonly [name: string, run: RunConfig])[],
  { signal, onPreparation }: Pick<TimingOptions, 'signal'> & { readonly onPreparation: OnPreparation },
  body: (trainings: readonly TrainingSubject[], bed: TrainingBed) => Promise<T>,
): Promise<T> {
  return await withModel(gpu, model, dtype, onPreparation, async (base) => {
    const batch = randomBatch(model, 1);
    const { kernels } = await tune(base, onPreparation, signal);
    const trainings: TrainingSubject[] = [];
    try {
      for (const [name, run] of runs) {
        onPreparation(name);
        trainings.push(await openTraining(name, base, run, batch, kernels));
      }
      const first = trainings[0]?.firstLoss ?? Number.NaN;
      for (const { name, firstLoss } of trainings) requireSameLoss(name, firstLoss, first);
      return await body(trainings, { base, batch, kernels });
    } finally {
      for (const { trainer } of trainings) trainer.destroy();
    }
  });
}

/** The kernels that a long run of this model would use. */
function tune(base: BaseModel, onPreparation: OnPreparation, signal: AbortSignal | undefined) {
  const onProgress = (done: number, total: number, name: string) => {
    onPreparation(`kernels, ${done} of ${total}: ${name}`);
  };
  return tuneRun(base, benchRun(base.config, {}), { measure: true, onProgress, signal });
}

/** B is zero before the first update, so that all have the base model's loss, to the bit. */
export function requireSameLoss(name: string, loss: number, expected: number): void {
  if (!Number.isFinite(loss) || loss !== expected) {
    throw new Error(`${name}: the first loss is ${loss}, and it should be ${expected}`);
  }
}
