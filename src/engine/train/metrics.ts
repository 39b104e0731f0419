import type { RouterMetrics } from './routerStatistics';

/** What a step came to; the routers' part only where the method has some. */
export interface StepMetrics extends Partial<RouterMetrics> {
  /** Optimiser steps done, this one included. */
  readonly step: number;
  /** Mean over the counted tokens of the effective batch, in nats, before the update. */
  readonly loss: number;
  readonly learning_rate: number;
  /** Global gradient norm before clipping. */
  readonly grad_norm: number;
  /** Counted tokens of the effective batch. */
  readonly tokens: number;
  readonly seconds: number;
}

/** What is measured now and then during a run. */
export interface Checks {
  /** On the validation part, in nats. */
  readonly val_loss?: number;
  /** Share of right choices on the watched questions of a scenario, the mean over its tasks. */
  readonly acc?: number;
  /** The same of each task. */
  readonly acc_by_task?: Readonly<Record<string, number>>;
}

/** One line of metrics.jsonl: a step, with the checks that were made after it; step 0 has checks only. */
export type LogLine = Partial<StepMetrics> & Checks & { readonly step: number };
