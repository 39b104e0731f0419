import { createStore } from 'zustand/vanilla';
import type { RunConfig } from '../config/runConfig';
import { metrics, type MetricsLog } from './metrics';
import { runStore } from './run';

/** The run before the present one, or a recorded one before the first; its curves stay under the new ones. */
export interface Ghost {
  /** Of the kept run that it is of, where it is of one. */
  readonly id?: string | undefined;
  readonly name: string;
  readonly log: MetricsLog;
  readonly settings: RunConfig | undefined;
}

export const ghostStore = createStore<{ readonly ghost: Ghost | undefined }>(() => ({ ghost: undefined }));

/** Keeps the curves of the run on the page, which is about to make room for another. */
export function keepGhost(): void {
  if (metrics.length === 0) return; // what was before it is still the last one that says something
  const { id, settings } = runStore.getState();
  ghostStore.setState({ ghost: { id, name: 'run before', log: metrics.copy(), settings } });
}
