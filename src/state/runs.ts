import { createStore } from 'zustand/vanilla';
import { browserLibrary, type RunLibrary } from '../storage/runs/library';
import type { RunHistory, StoredRun } from '../worker/storedRun';
import { MetricsLog } from './metrics';

/** A kept run as lists show it. */
export type RunSummary = Omit<StoredRun, 'prompt' | 'marks' | 'deleted'>;

/** What the browser gives this page to keep things in, in bytes. */
export interface Quota {
  readonly used: number;
  /** In all, as far as the browser says; it is no promise. */
  readonly total: number;
}

export interface RunsState {
  /** Newest first. */
  readonly runs: readonly RunSummary[];
  /** Ids of the runs whose curves lie over those of the run on the page, in the order in which they were chosen. */
  readonly shown: readonly string[];
  /** undefined until it is known. */
  readonly quota: Quota | undefined;
  /** Why a run could not be kept, read or changed. */
  readonly problem: string | undefined;
}

export const runsStore = createStore<RunsState>(() => ({
  ...{ runs: [], shown: [] },
  ...{ quota: undefined, problem: undefined },
}));

let library: RunLibrary = browserLibrary();

/** Keeps runs elsewhere. */
export function setRunLibrary(other: RunLibrary): void {
  library = other;
}

/** The metrics of a kept run, to be drawn. */
export async function loadCurves(id: string): Promise<MetricsLog> {
  const [run, history] = await Promise.all([library.find(id), library.history(id)]);
  return fillMetrics(new MetricsLog(), history, run?.marks ?? []);
}

/** Puts what was kept of a run into a log. Returns the log. */
export function fillMetrics(
  metrics: MetricsLog,
  { log, moments }: RunHistory,
  marks: StoredRun['marks'],
): MetricsLog {
  metrics.clear();
  for (const line of log) {
    const { step, loss, learning_rate, grad_norm, tokens, seconds, val_loss } = line;
    // Step 0 has checks only.
    if (loss !== undefined) {
      metrics.push({
        ...line,
        ...{ step, loss, learning_rate: learning_rate ?? NaN, grad_norm: grad_norm ?? NaN },
        ...{ tokens: tokens ?? NaN, seconds: seconds ?? NaN },
      });
    }
    if (val_loss !== undefined) metrics.pushValidation(step, val_loss);
  }
  for (const moment of moments) {
    if (moment.kind !== 'accuracy') continue;
    const { step, mean, byTask, cut } = moment;
    metrics.pushAccuracy({ step, mean, byTask, cut });
  }
  for (const mark of marks) metrics.mark(mark);
  return metrics;
}

/** Reads the list again after the run on the page was kept. */
export function noteKept(): void {
  runsStore.setState({ problem: undefined });
  void refreshRuns();
}

/** Reads the list and the room that is left. */
export async function refreshRuns(): Promise<void> {
  const [runs, quota] = await Promise.all([library.list(), library.quota()]).catch(
    () => [[], undefined] as const,
  );
  runsStore.setState(({ shown }) => ({
    ...{ runs, quota },
    shown: shown.filter((id) => runs.some((run) => run.id === id)),
  }));
}
