import { createStore } from 'zustand/vanilla';
import { UserError } from '../config/errors';
import { browserLibrary, type RunLibrary } from '../storage/runs/library';
import { isFull } from '../worker/archive';
import type { RunHistory, RunLabels, StoredRun } from '../worker/storedRun';
import { messageOf } from './messageOf';
import { MetricsLog } from './metrics';
import { isActive, runStore, type RunState } from './run';

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
  /** Why a run could not be read or changed. */
  readonly problem: string | undefined;
  /** The run that the browser does not keep now, why, and whether it is for want of room. */
  readonly unkept: { readonly runId: number; readonly message: string; readonly isFull: boolean } | undefined;
  /** The run that was deleted last, while it can be brought back. */
  readonly removed: { readonly id: string; readonly name: string } | undefined;
}

export const runsStore = createStore<RunsState>(() => ({
  ...{ runs: [], shown: [] },
  ...{ quota: undefined, problem: undefined, unkept: undefined, removed: undefined },
}));

let library: RunLibrary = browserLibrary();

/** Keeps runs elsewhere. */
export function setRunLibrary(other: RunLibrary): void {
  library = other;
}

/** Where the runs are kept. */
export function runLibrary(): RunLibrary {
  return library;
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
  runsStore.setState({ unkept: undefined });
  void refreshRuns();
}

/** Why the run on the page is not kept; undefined where it is, or there is none. */
export function unkeptReason({ unkept }: RunsState, { runId }: RunState): string | undefined {
  return unkept?.runId === runId ? unkept.message : undefined;
}

/** Whether what the run on the page has learnt is lost with the page: it is neither kept nor exported. */
export function wouldBeLost(runs: RunsState, run: RunState): boolean {
  return unkeptReason(runs, run) !== undefined && (isActive(run.status) || run.usage === undefined);
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

/** Lays the curves of a run over those of the run on the page, or takes them away. */
export function toggleShown(id: string): void {
  runsStore.setState(({ shown }) => ({
    shown: shown.includes(id) ? shown.filter((other) => other !== id) : [...shown, id],
  }));
}

/** Changes the name, the note or the pin of a run. */
export async function labelRun(id: string, labels: Partial<RunLabels>): Promise<void> {
  await changeRuns(() => library.label(id, labels));
}

/**
 * Deletes a run; it can be brought back until the next one is deleted or the page is left. Where room is needed now, it is
 * gone at once.
 */
export async function removeRun(id: string): Promise<void> {
  const { runs, unkept } = runsStore.getState();
  const needsRoom = unkept?.isFull === true && unkept.runId === runStore.getState().runId;
  const name = runs.find((run) => run.id === id)?.name ?? '';
  await changeRuns(async () => {
    await library.purge();
    runsStore.setState({ removed: undefined });
    let isGone = needsRoom;
    if (!isGone) {
      await library.remove(id).catch((error: unknown) => {
        if (!isFull(error)) throw error;
        isGone = true;
      });
    }
    if (isGone) await library.erase(id);
    else runsStore.setState({ removed: { id, name } });
  });
}

/** Brings back the run that was deleted last. */
export async function restoreRun(): Promise<void> {
  const { removed } = runsStore.getState();
  if (removed === undefined) return;
  runsStore.setState({ removed: undefined });
  await changeRuns(() => library.restore(removed.id));
}

/** Gives back for good the room of the run that was deleted last. */
export async function forgetRemoved(): Promise<void> {
  runsStore.setState({ removed: undefined });
  await changeRuns(() => library.purge());
}

/** Snapshots that can go where room is needed: of runs that are over and not pinned, the newest of them left out. */
export function spareSnapshots(runs: readonly RunSummary[]): readonly RunSummary[] {
  const isOver = ({ status }: RunSummary) => status !== 'running' && status !== 'paused';
  return runs.slice(1).filter((run) => !run.pinned && run.snapshotBytes > 0 && isOver(run));
}

/** Deletes those snapshots; the curves and texts of their runs stay. */
export async function dropSpareSnapshots(): Promise<void> {
  const ids = spareSnapshots(runsStore.getState().runs).map(({ id }) => id);
  await changeRuns(() => library.dropSnapshots(ids));
}

async function changeRuns(work: () => Promise<void>): Promise<void> {
  try {
    await work();
    runsStore.setState({ problem: undefined });
  } catch (error) {
    runsStore.setState({ problem: sayProblem(error) });
  }
  await refreshRuns();
}

/** The sentence of what went wrong with kept runs. */
export function sayProblem(error: unknown): string {
  return isFull(error)
    ? new UserError(
        'The kept runs',
        'the browser has no room left for this page, so nothing of them was changed',
        'delete runs or snapshots that you no longer need',
      ).message
    : messageOf(error);
}
