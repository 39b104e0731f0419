import type { BaseModel, Checkpoint, InferenceAdapter } from '../engine';
import type { Tokenizer } from '../engine/data/tokenizer';
import type { Scenario } from '../scenarios/scenario';
import type { Flags } from './flags';
import type { Io, Outcome } from './io';
import type { Progress } from './progress';

/** What a measurement of `masa eval` is made from, all of it known before the GPU is touched. */
export interface MeasurementInput {
  readonly flags: Flags;
  readonly io: Io;
  readonly progress: Progress;
  readonly checkpoint: Checkpoint;
  readonly tokenizer: Tokenizer;
  /** undefined where `--data` is measured. */
  readonly scenario: Scenario | undefined;
}

/** Measures a model, with an adapter or without. */
export type Measurement = (base: BaseModel, adapter: InferenceAdapter | undefined) => Promise<Outcome>;
