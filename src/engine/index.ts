/** The engine's public door: the worker, the command and the tests of whole runs import from here only. */
export { attachAdapter, inferenceAdapter, type AttachedAdapter } from './adapters/attach';
export { adapterConfig, type Adapter, type AdapterBase, type AdapterConfig } from './adapters/adapter';
export { adapterLayout, type AdapterLayout, type AdapterTensor } from './adapters/layout';
export { METHODS } from './adapters/registry';
export { openChoiceScorer, scoreChoices, type ChoiceResult, type ChoiceScorer } from './eval/choices';
export { matchExactly, openExactMatcher, type ExactMatcher, type ExactResult } from './eval/exact';
export { wilsonInterval } from './eval/interval';
export { characters, type ChoiceQuestion, type ExactQuestion } from './eval/question';
export type { EvalOptions } from './eval/scorer';
export { summarise, summariseAll, type TaskSummary } from './eval/summary';
export { openDevice, type AdapterDescription, type GpuDevice } from './gpu/device';
export { loadBaseModel, type BaseModel } from './model/baseModel';
export type { Checkpoint } from './model/checkpoint';
export type { InferenceAdapter } from './model/decoder';
export { createGenerator, type GenerateOptions, type Generator } from './model/generate';
export type { LlamaConfig } from './model/llamaConfig';
export { logits } from './model/logits';
export { weightInfo, type ModelWeights } from './model/weights';
export { canRun, readKernelChoice, type KernelChoice } from './ops/gemm/choice';
export { evaluate, type Evaluation } from './train/evaluate';
export { planTraining, type TrainingPlan } from './train/plan';
export { learningRate } from './train/schedule';
export { readSnapshot, writeSnapshot, type Snapshot } from './train/snapshot';
export {
  createTrainer,
  type StepMetrics,
  type Trainer,
  type TrainerOptions,
  type TrainingBatches,
} from './train/trainer';
export { measurementKey, tuneRun } from './train/tune';
