import { beforeEach, describe, expect, it } from 'vitest';
import { setClient } from '../../src/state/client';
import { applyEvent } from '../../src/state/events';
import {
  expertsStore,
  forgetExperts,
  lookAtExperts,
  MEASURED_TOKENS,
  NOTHING_SEEN,
  readPoints,
  setLookChoice,
  setLookEvery,
  stepReached,
  stopLook,
} from '../../src/state/experts';
import { NO_RUN, runStore } from '../../src/state/run';
import { NO_SWEEP, sweepStore } from '../../src/state/sweep';
import type { ExpertLook, ExpertPoints } from '../../src/worker/protocol';
import { createFakeClient, type FakeClient } from '../support/fakeClient';

const look = (step: number) => ({ of: 'questions', report: { step } }) as unknown as ExpertLook;
const POINTS = { layer: 2, module: 'q_proj', step: 5 } as ExpertPoints;

let client: FakeClient;
let answer: () => ExpertLook | undefined | Promise<ExpertLook | undefined>;
let points: () => ExpertPoints | undefined;

beforeEach(() => {
  expertsStore.setState(NOTHING_SEEN, true);
  forgetExperts();
  sweepStore.setState(NO_SWEEP, true);
  runStore.setState({ ...NO_RUN, runId: 4, status: { phase: 'running', step: 5 } }, true);
  answer = () => look(5);
  points = () => POINTS;
  client = createFakeClient({ inspectExperts: () => answer(), expertPoints: () => points() });
  setClient(client);
});

const settled = () => new Promise((resolve) => setImmediate(resolve));
const looks = () => client.sent.filter(({ type }) => type === 'inspectExperts').length;

describe('a look at the experts', () => {
  it('asks for the run on the page, shows how far it is, and what was seen', async () => {
    setLookChoice('counted');
    const looking = lookAtExperts();
    expect(expertsStore.getState()).toMatchObject({ reading: 'report', progress: undefined });
    applyEvent({ type: 'looking', runId: 4, done: 1, total: 2 });
    expect(expertsStore.getState().progress).toEqual({ done: 1, total: 2 });
    await looking;
    expect(client.sent).toEqual([
      { type: 'inspectExperts', runId: 4, rows: MEASURED_TOKENS, choice: 'counted', seed: 42 },
    ]);
    expect(expertsStore.getState()).toMatchObject({ reading: undefined, progress: undefined, look: look(5) });
  });

  it('keeps what was seen before where it is stopped, and says what is wrong where it is refused', async () => {
    await lookAtExperts();
    answer = () => undefined;
    const looking = lookAtExperts();
    await stopLook();
    expect(client.sent.at(-1)).toEqual({ type: 'stopLook' });
    await looking;
    expect(expertsStore.getState()).toMatchObject({ reading: undefined, stopping: false, look: look(5) });
    answer = () => {
      throw new Error('Run: it is no longer there; train again.');
    };
    await lookAtExperts();
    expect(expertsStore.getState()).toMatchObject({
      reading: undefined,
      problem: 'Run: it is no longer there; train again.',
      look: look(5),
    });
  });

  it('drops what comes of an earlier run', async () => {
    const looking = lookAtExperts();
    runStore.setState({ runId: 5 });
    forgetExperts();
    await looking;
    expect(expertsStore.getState()).toEqual(NOTHING_SEEN);
  });

  it('does not begin beside a comparison', async () => {
    sweepStore.setState({ phase: 'running' });
    await lookAtExperts();
    expect(await readPoints(0, 'q_proj', 100)).toBeUndefined();
    expect(client.sent).toEqual([]);
    expect(expertsStore.getState()).toMatchObject({
      reading: undefined,
      problem: 'A comparison is running; stop it first.',
    });
  });

  it('gives the points of one module to who asked, and nothing where that was stopped', async () => {
    expect(await readPoints(2, 'q_proj', 500)).toBe(POINTS);
    expect(client.sent).toEqual([
      { type: 'expertPoints', runId: 4, layer: 2, module: 'q_proj', rows: 500, choice: undefined, seed: 42 },
    ]);
    points = () => undefined;
    expect(await readPoints(2, 'q_proj', 500)).toBeUndefined();
    expect(expertsStore.getState().points).toBe(POINTS);
  });
});

describe('looks during a run', () => {
  it('come at every step that wants one or right after it, not twice, and not beside another', async () => {
    for (const step of [1, 49, 50]) stepReached(step);
    expect(looks()).toBe(0); // off
    setLookEvery(50);
    stepReached(49);
    expect(looks()).toBe(0);
    stepReached(51); // steps may be told in leaps
    expect(looks()).toBe(1);
    stepReached(100); // one is being read
    expect(looks()).toBe(1);
    await settled();
    stepReached(101);
    expect(looks()).toBe(2);
    await settled();
    for (const step of [102, 149]) stepReached(step);
    expect(looks()).toBe(2);
  });

  it('begin anew with a new run, at the same interval', async () => {
    setLookEvery(50);
    stepReached(60);
    await settled();
    forgetExperts();
    expect(expertsStore.getState()).toMatchObject({ every: 50, look: undefined });
    stepReached(55);
    expect(looks()).toBe(2);
  });
});
