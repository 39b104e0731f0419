import type { TrainingClient } from '../worker/client';

let current: TrainingClient | undefined;

/** Gives the actions the worker to talk to: before the page is drawn, and once more where a replay takes over. */
export function setClient(client: TrainingClient): void {
  current = client;
}

/** The worker that setClient gave. */
export function client(): TrainingClient {
  if (current === undefined) throw new Error('no training client: call setClient first');
  return current;
}
