import { createStore } from 'zustand/vanilla';
import type { EvaluationInfo, FileSource } from '../worker/protocol';
import { client } from './client';
import { runStore } from './run';
import { sweepObstacle } from './sweep';

/** Questions that are asked outside of a run, and what came of them. */
export interface EvaluationState {
  readonly asking: boolean;
  /** How many answers have been weighed, of both models together; undefined until the first. */
  readonly progress: { readonly done: number; readonly total: number } | undefined;
  readonly stopping: boolean;
  readonly result: EvaluationInfo | undefined;
  readonly problem: string | undefined;
}

export const NOTHING_ASKED: EvaluationState = {
  asking: false,
  progress: undefined,
  stopping: false,
  result: undefined,
  problem: undefined,
};

export const evaluationStore = createStore<EvaluationState>(() => NOTHING_ASKED);

/** Asks all questions of a scenario or of files: the base model, and the adapter of the last run. */
export async function evaluate(source: FileSource): Promise<void> {
  const { result } = evaluationStore.getState();
  const obstacle = sweepObstacle();
  if (obstacle !== undefined) {
    evaluationStore.setState({ problem: obstacle });
    return;
  }
  evaluationStore.setState({ ...NOTHING_ASKED, asking: true, result });
  const { runId } = runStore.getState();
  try {
    const answer = await client().call({ type: 'evaluate', runId, source });
    // Stopped: what was measured before is still true.
    evaluationStore.setState({ ...NOTHING_ASKED, result: answer ?? result });
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error);
    evaluationStore.setState({ ...NOTHING_ASKED, result, problem });
  }
}

/** Stops asking after the pass under way. */
export async function stopEvaluation(): Promise<void> {
  evaluationStore.setState({ stopping: true });
  await client().call({ type: 'stopEvaluation' });
}
