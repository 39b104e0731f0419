import type { RunConfig } from '../config/runConfig';
import type { GpuDevice, LlamaConfig } from '../engine';
import { matchBudget, trainableWeights } from '../engine/adapters/budget';
import { benchRun } from './model';
import { ratio, timeTogether, type Figure, type TimingOptions } from './timing';
import { withTrainings, type OnPreparation, type TrainingSubject } from './training';

/** What is compared, each without top-k and without balance loss; `masa_router` is MASA with a router for its sum. */
const COMPARED = {
  lora: { method: 'lora' },
  masa: { method: 'masa' },
  masa_router: { method: 'masa', expert_mix: 'router' },
  hydralora: { method: 'hydralora' },
  lora_moe: { method: 'lora_moe' },
} as const satisfies Readonly<Record<string, Partial<RunConfig>>>;

export type ComparedName = keyof typeof COMPARED;

export const COMPARED_NAMES = Object.keys(COMPARED) as readonly ComparedName[];

/** A method at LoRA's budget. */
interface Contender {
  readonly name: ComparedName;
  readonly run: RunConfig;
  readonly weights: number;
  /** weights ÷ LoRA's. */
  readonly weightsRatio: number;
}

/** What a method costs beside LoRA at the same budget. */
export interface MethodCost {
  readonly r: number;
  /** Trainable weights, and the same ÷ LoRA's. */
  readonly weights: number;
  readonly weightsRatio: number;
  /** Training step ÷ LoRA's: 1 for LoRA. */
  readonly step: Figure;
}

/** The methods with E = S = 4, each with the r at which it has about as many weights as LoRA with r = 16. */
function contenders(model: LlamaConfig): Contender[] {
  const shape = { num_experts: 4, group_size: 4, r: 16, lora_alpha: 32 };
  const target = trainableWeights(benchRun(model, { ...shape, method: 'lora' }), model);
  return COMPARED_NAMES.map((name) => {
    const { settings, weights, ratio } = matchBudget(
      target,
      benchRun(model, { ...shape, ...COMPARED[name] }),
      model,
    );
    return { name, run: settings, weights, weightsRatio: ratio };
  });
}

/**
 * Times whole training steps of all methods at one budget in turns, in f32, with the same kernels and batch.
 *
 * @param model with four layers or more, so that a group of MASA's has all of its four
 * @throws Error where the methods' first losses differ in a bit, or a loss is not finite after the last step
 */
export async function measureMethods(
  gpu: GpuDevice,
  model: LlamaConfig,
  options: TimingOptions,
  onPreparation: OnPreparation,
): Promise<Readonly<Record<ComparedName, MethodCost>>> {
  const compared = contenders(model);
  const runs = compared.map(({ name, run }) => [stepName(name), run] as const);
  const { signal } = options;
  return await withTrainings(gpu, model, 'F32', runs, { signal, onPreparation }, async (trainings) => {
    const timings = await timeTogether(gpu.device, trainings, options);
    for (const training of trainings) await requireLearning(training);
    const costs = compared.map(({ name, run, weights, weightsRatio }): [ComparedName, MethodCost] => [
      name,
      { r: run.r, weights, weightsRatio, step: ratio(timings, stepName(name), stepName('lora')) },
    ]);
    return Object.fromEntries(costs) as Record<ComparedName, MethodCost>;
  });
}

const stepName = (method: ComparedName) => `the step of ${method}`;

/** A step that does nothing is fast: after all updates on one batch its loss is below the first. */
async function requireLearning({ name, trainer, firstLoss }: TrainingSubject): Promise<void> {
  const { loss } = await trainer.step();
  if (!(loss < firstLoss)) throw new Error(`${name}: the loss went from ${firstLoss} to ${loss}`);
}
