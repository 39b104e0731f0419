import type { StepMetrics } from '../engine/train/metrics';
import type { Materials } from '../compare/plan';
import { KNOB_KEYS } from '../config/knobs';
import type { KnobKey } from '../config/knob';
import type { RunConfig } from '../config/runConfig';
import type { DeviceInfo, EvaluationInfo, PreparedInfo } from '../worker/answers';
import type { RunEvent } from '../worker/protocol';

/**
 * A run of a scenario as it really went, to be shown where nothing can be trained. Figures are rounded to digits that a
 * chart can show. `npm run record` makes one.
 */
export interface Recording {
  /** When it was made: `2025-11-30`. */
  readonly date: string;
  /** Id of the scenario. */
  readonly scenario: string;
  /** How fast it is shown. */
  readonly stepsPerSecond: number;
  readonly device: DeviceInfo;
  /** Most bytes that the device gave to one buffer. */
  readonly maxBufferSize: number;
  /** The model and the data, by which a run on others is told from it. */
  readonly model: Pick<Materials['model'], 'name' | 'fingerprint'>;
  readonly data: Materials['data'];
  readonly run: RunConfig;
  readonly prompt: string;
  readonly prepared: PreparedInfo;
  /** Value i of each is that of step i + 1. */
  readonly steps: StepColumns;
  /** What was said besides, in order. */
  readonly moments: readonly RecordedMoment[];
  readonly norms: RecordedNorms;
  /** All held-out questions, asked when it was done. */
  readonly evaluation: EvaluationInfo;
}

/** What every method says of a step. */
export const STEP_COLUMNS = ['loss', 'learning_rate', 'grad_norm', 'tokens', 'seconds'] as const;
export type StepColumns = Readonly<Record<(typeof STEP_COLUMNS)[number], readonly number[]>>;

/** An event of the run, without its id. */
export interface RecordedMoment {
  /** Steps done when it was said. */
  readonly after: number;
  readonly event: RecordedEvent;
}

type RecordedKind = 'loading' | 'compiling' | 'validation' | 'asking' | 'accuracy' | 'sample';
export type RecordedEvent = WithoutId<Extract<RunEvent, { readonly type: RecordedKind }>>;
type WithoutId<E> = E extends unknown ? Omit<E, 'runId'> : never;

/** Norms of the blocks after some of the steps. */
export interface RecordedNorms {
  /** Of the blocks, by adapterLayout. */
  readonly names: readonly string[];
  /** With rising steps; value i of each list is that of block i. */
  readonly looks: readonly {
    readonly step: number;
    readonly gradients: readonly number[];
    readonly updates: readonly number[];
  }[];
}

/** What was said of step `index` + 1. */
export function stepPoint({ steps }: Pick<Recording, 'steps'>, index: number): StepMetrics {
  const value = (name: keyof StepColumns) => steps[name][index] ?? Number.NaN;
  return {
    step: index + 1,
    ...{ loss: value('loss'), learning_rate: value('learning_rate'), grad_norm: value('grad_norm') },
    ...{ tokens: value('tokens'), seconds: value('seconds') },
  };
}

/** The settings in which a run is not the recorded one. */
export function otherSettings({ run }: Pick<Recording, 'run'>, settings: RunConfig): readonly KnobKey[] {
  return KNOB_KEYS.filter((key) => String(run[key]) !== String(settings[key]));
}
