import { createStore } from 'zustand/vanilla';
import type { BlockNorm } from '../engine/train/blockNorms';
import { client } from './client';
import { runStore, type RunState } from './run';

/** What the blocks of the picture are tinted by. */
export type Tint = 'none' | 'gradient' | 'update';

/** How large the gradient and the update of each block of the run on the page are. */
export interface BlocksState {
  readonly tint: Tint;
  /** The last that were asked for, and the run that they are of. */
  readonly norms:
    | {
        readonly runId: number;
        readonly step: number;
        readonly byName: ReadonlyMap<string, BlockNorm>;
      }
    | undefined;
}

export const NO_NORMS: BlocksState = { tint: 'gradient', norms: undefined };

export const blocksStore = createStore<BlocksState>(() => NO_NORMS);

export function setTint(tint: Tint): void {
  blocksStore.setState({ tint });
}

/** Between two looks, in milliseconds: each waits for the steps under way and keeps the GPU from running ahead. */
export const LEAST_INTERVAL = 1000;

/**
 * Follows the run while somebody looks at the picture: asks for the norms of its latest step, once a second at most and
 * never while an answer is awaited. A run is the same to the bit with and without it.
 *
 * @returns ends it
 */
export function watchBlocks(): () => void {
  let asked = { runId: 0, step: 0, at: -Infinity };
  let waiting = false;
  let ended = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const look = () => {
    timer = undefined;
    const run = runStore.getState();
    const step = stepOf(run);
    const isAsked = run.runId === asked.runId && step === asked.step;
    if (ended || waiting || isAsked || step === 0 || blocksStore.getState().tint === 'none') return;
    const wait = asked.at + LEAST_INTERVAL - performance.now();
    if (wait > 0) {
      timer = setTimeout(look, wait);
      return;
    }
    asked = { runId: run.runId, step, at: performance.now() };
    waiting = true;
    void ask(run.runId).finally(() => {
      waiting = false;
      look();
    });
  };
  const changed = () => {
    if (timer === undefined) look();
  };
  const ends = [runStore.subscribe(changed), blocksStore.subscribe(changed)];
  look();
  return () => {
    ended = true;
    clearTimeout(timer);
    for (const end of ends) end();
  };
}

/** Steps done, while the run's adapter is on the GPU; 0 where it is not. */
function stepOf({ status, held }: RunState): number {
  return held && 'step' in status ? status.step : 0;
}

async function ask(runId: number): Promise<void> {
  try {
    const found = await client().call({ type: 'blockNorms', runId });
    if (runStore.getState().runId !== runId) return;
    const byName = new Map(found.norms.map((norm) => [norm.name, norm]));
    blocksStore.setState({ norms: { runId, step: found.step, byName } });
  } catch {
    // The run broke or was replaced, which it says itself; the picture keeps what it has.
  }
}
