import { createStore } from 'zustand/vanilla';
import type { ModuleName } from '../config/modules';
import type { RowChoice } from '../engine/analysis/features/rows';
import type { ExpertLook, ExpertPoints } from '../worker/protocol';
import { client } from './client';
import { runStore } from './run';
import { sweepObstacle } from './sweep';

/** Steps between two looks during a run; 0 for none. */
export const LOOK_EVERY = [0, 50, 100, 500] as const;

/** Tokens that are measured, and those that may be drawn. */
export const MEASURED_TOKENS = 256;
export const DRAWN_TOKENS = [500, 1500, 5000] as const;
const SEED = 42;

/** What is seen inside the experts of the run on the page. */
export interface ExpertsState {
  /** What is read on the GPU. */
  readonly reading: 'report' | 'points' | undefined;
  /** Tokens that have been read. */
  readonly progress: { readonly done: number; readonly total: number } | undefined;
  readonly stopping: boolean;
  /** undefined leaves it to the data. */
  readonly choice: RowChoice | undefined;
  readonly every: (typeof LOOK_EVERY)[number];
  /** The last look. */
  readonly look: ExpertLook | undefined;
  readonly points: ExpertPoints | undefined;
  readonly problem: string | undefined;
}

export const NOTHING_SEEN: ExpertsState = {
  reading: undefined,
  progress: undefined,
  stopping: false,
  choice: undefined,
  every: 0,
  look: undefined,
  points: undefined,
  problem: undefined,
};

export const expertsStore = createStore<ExpertsState>(() => NOTHING_SEEN);

/** Measures all experts of the run as they are now; in the middle of a run between two steps. */
export async function lookAtExperts(): Promise<void> {
  const { choice } = expertsStore.getState();
  await read('report', async (runId) => {
    const tokens = { rows: MEASURED_TOKENS, choice, seed: SEED };
    const look = await client().call({ type: 'inspectExperts', runId, ...tokens });
    return look && { look };
  });
}

/** Reads what one module makes of many tokens, to be drawn; undefined where that was refused or stopped. */
export async function readPoints(
  layer: number,
  module: ModuleName,
  rows: number,
): Promise<ExpertPoints | undefined> {
  const { choice } = expertsStore.getState();
  let points: ExpertPoints | undefined;
  await read('points', async (runId) => {
    const tokens = { rows, choice, seed: SEED };
    points = await client().call({ type: 'expertPoints', runId, layer, module, ...tokens });
    return points && { points };
  });
  return points;
}

/** Ends what is read after the pass under way. */
export async function stopLook(): Promise<void> {
  expertsStore.setState({ stopping: true });
  await client().call({ type: 'stopLook' });
}

export function setLookEvery(every: ExpertsState['every']): void {
  expertsStore.setState({ every });
}

export function setLookChoice(choice: RowChoice | undefined): void {
  expertsStore.setState({ choice });
}

/** Forgets what was seen of an earlier run. */
export function forgetExperts(): void {
  const { every, choice } = expertsStore.getState();
  expertsStore.setState({ ...NOTHING_SEEN, every, choice });
  lastLook = 0;
}

/** The step that a look during the run was last asked for at. */
let lastLook = 0;

/** Asks for a look when a run has come to, or over, the next step that wants one. */
export function stepReached(step: number): void {
  const { every, reading } = expertsStore.getState();
  const isDue = every > 0 && Math.floor(step / every) > Math.floor(lastLook / every);
  if (!isDue || reading !== undefined) return;
  lastLook = step;
  void lookAtExperts();
}

async function read(
  reading: 'report' | 'points',
  work: (runId: number) => Promise<Partial<ExpertsState> | undefined>,
): Promise<void> {
  const problem = sweepObstacle();
  if (problem !== undefined) {
    expertsStore.setState({ problem });
    return;
  }
  const { runId } = runStore.getState();
  const settle = (found: Partial<ExpertsState>) => {
    // A new run has its own.
    if (runStore.getState().runId !== runId) return;
    expertsStore.setState({ reading: undefined, progress: undefined, stopping: false, ...found });
  };
  expertsStore.setState({ reading, progress: undefined, stopping: false, problem: undefined });
  try {
    settle((await work(runId)) ?? {});
  } catch (error) {
    settle({ problem: error instanceof Error ? error.message : String(error) });
  }
}
