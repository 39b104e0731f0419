import { createStore } from 'zustand/vanilla';
import type { RunConfig } from '../config/runConfig';
import { metrics, type MetricsLog } from './metrics';
import { runStore } from './run';
import { setupStore } from './setup';

/** How fast the last run on this page was. */
export interface Pace {
  readonly model: string;
  readonly method: RunConfig['method'];
  /** Seconds for a row position (a token of a row, counted in the loss or not). */
  readonly secondsPerPosition: number;
}

export const paceStore = createStore<{ readonly pace: Pace | undefined }>(() => ({ pace: undefined }));

/** Steps before a mean says anything; the first ones compile and warm up. */
const LEAST_STEPS = 5;
const RECENT = 20;

/** Positions that a step of a run with these settings works through. */
export function positionsPerStep(run: RunConfig): number {
  return run.per_device_train_batch_size * run.gradient_accumulation_steps * run.max_length;
}

/** Takes the pace of a run from its last steps, once there are enough. */
export function measurePace(model: string, run: RunConfig, log: Pick<MetricsLog, 'column'>): void {
  const seconds = log.column('seconds').slice(-RECENT);
  if (seconds.length < LEAST_STEPS) return;
  const mean = seconds.reduce((sum, value) => sum + value, 0) / seconds.length;
  paceStore.setState({
    pace: { model, method: run.method, secondsPerPosition: mean / positionsPerStep(run) },
  });
}

/**
 * Seconds that the steps of a run would take, by the pace of the last run; undefined where that was another model or
 * method, whose pace says little.
 */
export function estimateSeconds(
  pace: Pace | undefined,
  model: string | undefined,
  run: RunConfig,
): number | undefined {
  if (pace === undefined || pace.model !== model || pace.method !== run.method) return undefined;
  return pace.secondsPerPosition * positionsPerStep(run) * run.max_steps;
}

/** Begins to take the pace of every run when it rests or ends. Returns how to stop. */
export function watchPace(): () => void {
  let model: string | undefined;
  return runStore.subscribe(({ runId, settings, status }, before) => {
    if (runId !== before.runId) model = setupStore.getState().model.chosen?.info.name;
    const rests = status.phase === 'done' || status.phase === 'paused';
    if (!rests || status.phase === before.status.phase || model === undefined || settings === undefined)
      return;
    measurePace(model, settings, metrics);
  });
}
