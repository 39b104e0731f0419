import { createStore } from 'zustand/vanilla';
import type { CurvePoint } from '../config/urlCode';

/** Somebody else's recorded loss, that came with the address: the curve to beat. */
export interface BeatState {
  /** In rising steps; empty where there is none. */
  readonly points: readonly CurvePoint[];
  /** Whose curve it is, in words. */
  readonly caption: string;
}

export const NOTHING_TO_BEAT: BeatState = { points: [], caption: '' };

export const beatStore = createStore<BeatState>(() => NOTHING_TO_BEAT);
