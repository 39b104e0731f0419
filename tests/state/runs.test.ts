import { beforeEach, describe, expect, it, vi } from 'vitest';
import { applyEvent } from '../../src/state/events';
import { NO_RUN, runStore, type RunStatus } from '../../src/state/run';
import { removeRun, runsStore, setRunLibrary, unkeptReason, wouldBeLost } from '../../src/state/runs';
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
    applyEvent({ type: 'unkept', runId: 1, message: MESSAGE, isFull: true });
    expect([reason(), lost()]).toEqual([MESSAGE, true]);
    applyEvent({ type: 'kept', runId: 1, step: 4 });
    expect([reason(), lost()]).toEqual([undefined, false]);
  });

  it('is not lost with the page once it is over and exported', () => {
    applyEvent({ type: 'unkept', runId: 1, message: MESSAGE, isFull: true });
    const done: RunStatus = { phase: 'done', step: 6, stopped: false };
    runStore.setState({ status: done });
    expect(lost()).toBe(true);
    runStore.setState({ usage: 'from peft import PeftModel' });
    expect(lost()).toBe(false);
    expect(reason()).toBe(MESSAGE);
  });

  it('says nothing about the next run', () => {
    applyEvent({ type: 'unkept', runId: 1, message: MESSAGE, isFull: true });
    startRun(2);
    expect([reason(), lost()]).toEqual([undefined, false]);
  });
});

describe('a run that is deleted', () => {
  /** Whether deleting a run is final, and what went to the library. */
  const deleted = async (remove: () => Promise<void> = () => Promise.resolve()) => {
    const library = { purge: vi.fn(), remove: vi.fn(remove), erase: vi.fn() };
    const read = { list: () => Promise.resolve([]), quota: () => Promise.resolve(undefined) };
    setRunLibrary({ ...read, ...library } as unknown as RunLibrary);
    await removeRun('old');
    return { isFinal: library.erase.mock.calls.length > 0, removed: runsStore.getState().removed?.id };
  };
  const unkept = (isFull: boolean) => {
    applyEvent({ type: 'unkept', runId: 1, message: MESSAGE, isFull });
  };

  it('can be brought back, but where the run on the page needs its room', async () => {
    expect(await deleted()).toEqual({ isFinal: false, removed: 'old' });
    unkept(true);
    expect(await deleted()).toEqual({ isFinal: true, removed: undefined });
  });

  it('can be brought back where an earlier run needed room', async () => {
    unkept(true);
    startRun(2);
    expect(await deleted()).toEqual({ isFinal: false, removed: 'old' });
  });

  it('can be brought back where the run on the page is not kept for another reason', async () => {
    unkept(false);
    expect(await deleted()).toEqual({ isFinal: false, removed: 'old' });
  });

  it('is gone where there is no room to say that it is deleted', async () => {
    const full = () => Promise.reject(new DOMException('full', 'QuotaExceededError'));
    expect(await deleted(full)).toEqual({ isFinal: true, removed: undefined });
  });

  it('offers no way back to the one before, which is gone, where it cannot be deleted', async () => {
    await deleted();
    const broken = () => Promise.reject(new Error('broken'));
    expect(await deleted(broken)).toEqual({ isFinal: false, removed: undefined });
  });
});
