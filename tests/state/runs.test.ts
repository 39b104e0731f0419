import { beforeEach, describe, expect, it } from 'vitest';
import { applyEvent } from '../../src/state/events';
import { NO_RUN, runStore, type RunStatus } from '../../src/state/run';
import { runsStore, setRunLibrary, unkeptReason, wouldBeLost } from '../../src/state/runs';
import type { RunLibrary } from '../../src/storage/runs/library';

const MESSAGE = 'This run: the browser has no room left for this page; delete runs.';

const lost = () => wouldBeLost(runsStore.getState(), runStore.getState());
const reason = () => unkeptReason(runsStore.getState(), runStore.getState());
const startRun = (runId: number) => {
  runStore.setState({ ...NO_RUN, runId, held: true, status: { phase: 'running', step: 0 } }, true);
};

beforeEach(() => {
  runsStore.setState(runsStore.getInitialState(), true);
  setRunLibrary({
    list: () => Promise.resolve([]),
    quota: () => Promise.resolve(undefined),
  } as unknown as RunLibrary);
  startRun(1);
});

describe('a run that the browser cannot keep', () => {
  it('says why, until it is kept again', () => {
    expect([reason(), lost()]).toEqual([undefined, false]);
    applyEvent({ type: 'unkept', runId: 1, message: MESSAGE });
    expect([reason(), lost()]).toEqual([MESSAGE, true]);
    applyEvent({ type: 'kept', runId: 1, step: 4 });
    expect([reason(), lost()]).toEqual([undefined, false]);
  });

  it('is not lost with the page once it is over and exported', () => {
    applyEvent({ type: 'unkept', runId: 1, message: MESSAGE });
    const done: RunStatus = { phase: 'done', step: 6, stopped: false };
    runStore.setState({ status: done });
    expect(lost()).toBe(true);
    runStore.setState({ usage: 'from peft import PeftModel' });
    expect(lost()).toBe(false);
    expect(reason()).toBe(MESSAGE);
  });

  it('says nothing about the next run', () => {
    applyEvent({ type: 'unkept', runId: 1, message: MESSAGE });
    startRun(2);
    expect([reason(), lost()]).toEqual([undefined, false]);
  });
});
