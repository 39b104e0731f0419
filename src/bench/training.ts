import { createTrainer, type BaseModel, type Trainer } from '../engine';
import type { RunConfig } from '../config/runConfig';
import type { MicroBatch } from '../engine/data/batch';
import type { KernelChoice } from '../engine/ops/gemm/choice';
import type { Subject } from './timing';

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
