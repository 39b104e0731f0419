import { createStore } from 'zustand/vanilla';
import type { RunEvent } from '../worker/protocol';
import type { RunStatus } from './run';
import { runStore } from './run';

/** One thing that happened, in words. */
export interface LogLine {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly text: string;
}

/** What happened on the page since it was opened, the latest last. */
export const logStore = createStore<{ readonly lines: readonly LogLine[] }>(() => ({ lines: [] }));

const MOST = 500;

/** Adds a line. */
export function note(text: string): void {
  logStore.setState(({ lines }) => ({ lines: [...lines, { at: Date.now(), text }].slice(-MOST) }));
}

/** Begins to write down what becomes of runs. Returns how to stop. */
export function watchRuns(): () => void {
  return runStore.subscribe(({ status, runId }, before) => {
    if (status.phase === before.status.phase) return;
    const text = describePhase(status);
    if (text !== undefined) note(runId === 0 ? text : `Run ${runId}: ${text}`);
  });
}

/** Writes down what was measured; steps are on the charts. */
export function noteEvent(event: RunEvent): void {
  if (event.type === 'validation') {
    note(`Run ${event.runId}: validation loss ${event.loss.toFixed(4)} at step ${event.step}.`);
  } else if (event.type === 'accuracy') {
    const { acc, n } = event.mean;
    note(`Run ${event.runId}: ${Math.round(acc * n)} of ${n} questions right at step ${event.step}.`);
  }
}

function describePhase(status: RunStatus): string | undefined {
  switch (status.phase) {
    case 'idle':
      return undefined;
    case 'loading':
      return 'loading the weights onto the GPU.';
    case 'compiling':
      return 'compiling the kernels.';
    case 'running':
      return `training from step ${status.step}.`;
    case 'paused':
      return `paused at step ${status.step}.`;
    case 'done':
      return status.stopped ? `stopped after step ${status.step}.` : `done after ${status.step} steps.`;
    case 'failed':
      return `ended early. ${status.message}`;
  }
}
