import { describe, expect, it } from 'vitest';
import type { PlannedSweep } from '../../src/state/sweep';
import { jobShare, sweepProgress } from '../../src/state/sweepProgress';

type State = Parameters<typeof sweepProgress>[0];
type Outcome = State['outcomes']['runs'] extends ReadonlyMap<string, infer One> ? One : never;

const FINISHED = { status: 'finished', result: {} } as unknown as Outcome;
const FAILED = { status: 'failed', sentence: 'It diverged.' } as unknown as Outcome;

/** A sweep of runs a, b, c and d. */
function state(part: Partial<State>, isAsked = false): State {
  const runs = ['a', 'b', 'c', 'd'].map((id) => ({ id }));
  const plan = { runs, base: isAsked ? { id: 'base' } : undefined };
  return {
    sweep: { file: {}, plan } as unknown as PlannedSweep,
    outcomes: { base: undefined, runs: new Map() },
    job: undefined,
    began: undefined,
    ...part,
  };
}

function outcomes(of: Readonly<Record<string, Outcome>>): State['outcomes'] {
  return { base: undefined, runs: new Map(Object.entries(of)) };
}

describe('the progress of a comparison', () => {
  it('is nothing without a sweep, and before its first step', () => {
    const nothing = { finished: 0, total: 0, share: 0, secondsLeft: undefined };
    expect(sweepProgress({ ...state({}), sweep: undefined }, 0)).toEqual(nothing);
    const began = { at: 0, done: 0 };
    const job = { id: 'a', stage: 'compiling', done: 5, total: 10 } as const;
    expect(sweepProgress(state({ began, job }), 1000)).toEqual({ ...nothing, total: 4 });
  });

  it('counts what failed as done, but not as finished, and the share of the run under way', () => {
    const job = { id: 'c', stage: 'training', done: 3, total: 6 } as const;
    const progress = sweepProgress(state({ outcomes: outcomes({ a: FINISHED, b: FAILED }), job }), 0);
    expect(progress).toMatchObject({ finished: 1, total: 4, share: 2.5 / 4 });
    // What the worker said last of a run that has its outcome is not counted again.
    const after = sweepProgress(
      state({ outcomes: outcomes({ a: FINISHED, b: FINISHED, c: FINISHED }), job }),
      0,
    );
    expect(after.share).toBe(3 / 4);
  });

  it('tells the time left from the runs of this sitting alone', () => {
    const job = { id: 'c', stage: 'training', done: 1, total: 2 } as const;
    const kept = outcomes({ a: FINISHED, b: FINISHED });
    // Half a run in ten seconds, one and a half to go.
    const { secondsLeft } = sweepProgress(
      state({ outcomes: kept, job, began: { at: 5_000, done: 2 } }),
      15_000,
    );
    expect(secondsLeft).toBeCloseTo(30, 9);
    const early = { id: 'c', stage: 'training', done: 1, total: 20 } as const;
    expect(
      sweepProgress(state({ outcomes: kept, job: early, began: { at: 0, done: 2 } }), 500).secondsLeft,
    ).toBeUndefined();
  });

  it('leaves room for the questions after the steps, and never goes back', () => {
    expect(jobShare({ id: 'a', stage: 'training', done: 5, total: 5 }, false)).toBe(1);
    const asked = [
      { stage: 'loading', done: 9, total: 10 },
      { stage: 'compiling', done: 9, total: 10 },
      { stage: 'training', done: 0, total: 0 },
      { stage: 'training', done: 2, total: 4 },
      { stage: 'training', done: 4, total: 4 },
      { stage: 'asking', done: 0, total: 8 },
      { stage: 'asking', done: 8, total: 8 },
    ] as const;
    const shares = asked.map((job) => jobShare({ id: 'a', ...job }, true));
    expect(shares).toEqual([0, 0, 0, 0.4, 0.8, 0.8, 1]);
  });
});
