import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { blocksStore, LEAST_INTERVAL, NO_NORMS, setTint, watchBlocks } from '../../src/state/blocks';
import { setClient } from '../../src/state/client';
import { NO_RUN, runStore } from '../../src/state/run';
import { createFakeClient } from '../support/fakeClient';

let answer: () => Promise<{ step: number; norms: { name: string; gradient: number; update: number }[] }>;
let end: () => void = () => undefined;
let asked = 0;

beforeEach(() => {
  vi.useFakeTimers();
  asked = 0;
  answer = () => Promise.resolve({ step: 3, norms: [{ name: 'a', gradient: 1, update: 2 }] });
  setClient(
    createFakeClient({
      blockNorms: () => {
        asked++;
        return answer();
      },
    }),
  );
  runStore.setState({ ...NO_RUN, runId: 1, held: true, status: { phase: 'running', step: 0 } });
  blocksStore.setState(NO_NORMS);
});

afterEach(() => {
  end();
  vi.useRealTimers();
});

function reach(step: number) {
  runStore.setState({ status: { phase: 'running', step } });
}

it('nothing is asked before the first step, and then the latest step once an interval', async () => {
  end = watchBlocks();
  expect(asked).toBe(0);
  reach(1);
  await vi.advanceTimersByTimeAsync(0);
  expect(asked).toBe(1);
  expect(blocksStore.getState().norms).toMatchObject({ runId: 1, step: 3 });
  expect(blocksStore.getState().norms?.byName.get('a')).toMatchObject({ gradient: 1, update: 2 });
  for (let step = 2; step < 50; step++) reach(step);
  await vi.advanceTimersByTimeAsync(LEAST_INTERVAL - 1);
  expect(asked).toBe(1);
  await vi.advanceTimersByTimeAsync(1);
  expect(asked).toBe(2);
  await vi.advanceTimersByTimeAsync(5 * LEAST_INTERVAL);
  expect(asked).toBe(2); // no step since
});

it('nothing is asked while an answer is awaited, with plain colours, or when nobody looks', async () => {
  let give: () => void = () => undefined;
  answer = () =>
    new Promise((resolve) => {
      give = () => {
        resolve({ step: 1, norms: [] });
      };
    });
  end = watchBlocks();
  reach(1);
  reach(2);
  await vi.advanceTimersByTimeAsync(5 * LEAST_INTERVAL);
  expect(asked).toBe(1);
  setTint('none');
  give();
  await vi.advanceTimersByTimeAsync(5 * LEAST_INTERVAL);
  expect(asked).toBe(1);
  setTint('update');
  await vi.advanceTimersByTimeAsync(0);
  expect(asked).toBe(2);
  end();
  reach(3);
  give();
  await vi.advanceTimersByTimeAsync(5 * LEAST_INTERVAL);
  expect(asked).toBe(2);
});

it('a refusal leaves what is known, and an answer of an earlier run is dropped', async () => {
  end = watchBlocks();
  reach(1);
  await vi.advanceTimersByTimeAsync(0);
  const before = blocksStore.getState().norms;
  answer = () => Promise.reject(new Error('nothing is trained'));
  reach(2);
  await vi.advanceTimersByTimeAsync(LEAST_INTERVAL);
  expect(asked).toBe(2);
  expect(blocksStore.getState().norms).toBe(before);
  answer = () => {
    runStore.setState({ runId: 2 });
    return Promise.resolve({ step: 3, norms: [] });
  };
  reach(3);
  await vi.advanceTimersByTimeAsync(LEAST_INTERVAL);
  expect(blocksStore.getState().norms).toBe(before);
});
