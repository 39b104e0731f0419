import type { TrainingClient } from '../worker/client';

let current: TrainingClient | undefined;

/** Gives the actions the worker to talk to: once, before the page is drawn. */
export function setClient(client: TrainingClient): void {
  current = client;
}

/** The worker that setClient gave. */
export function client(): TrainingClient {
  if (current === undefined) throw new Error('no training client: call setClient first');
  return current;
}
