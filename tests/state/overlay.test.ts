import { afterEach, beforeEach, expect, it } from 'vitest';
import { ghostStore, keepGhost } from '../../src/state/ghost';
import { metrics } from '../../src/state/metrics';
import { followShown, overlayStore } from '../../src/state/overlay';
import { NO_RUN, runStore } from '../../src/state/run';
import { runsStore, setRunLibrary } from '../../src/state/runs';
import type { RunLibrary } from '../../src/storage/runs/library';

const EMPTY = { log: [], moments: [] };
let end: () => void = () => undefined;

beforeEach(() => {
  setRunLibrary({
    find: (id: string) => Promise.resolve({ id, marks: [] }),
    history: () => Promise.resolve(EMPTY),
  } as unknown as RunLibrary);
  runStore.setState(NO_RUN, true);
  runsStore.setState({ shown: [] });
  end = followShown();
});

afterEach(() => {
  end();
});

const settled = () => new Promise((resolve) => setImmediate(resolve));
const drawn = () => [...overlayStore.getState().logs.keys()].sort();

it('a run that is shown is drawn once, also while it is the run on the page', async () => {
  runsStore.setState({ shown: ['a', 'b'] });
  await settled();
  expect(drawn()).toEqual(['a', 'b']);
  const slot = overlayStore.getState().slots.get('b');
  runStore.setState({ id: 'b' });
  expect(drawn()).toEqual(['a']);
  runStore.setState({ id: 'c' });
  await settled();
  expect(drawn()).toEqual(['a', 'b']);
  expect(overlayStore.getState().slots.get('b')).toBe(slot);
});

it('what is hidden or put on the page while its curves are read is not drawn', async () => {
  runsStore.setState({ shown: ['a', 'b', 'c'] });
  runsStore.setState({ shown: ['b', 'c'] });
  runStore.setState({ id: 'c' });
  await settled();
  expect(drawn()).toEqual(['b']);
});

it('the ghost of a run knows which run it is, so that it is not drawn under its own curves', () => {
  metrics.clear();
  keepGhost();
  expect(ghostStore.getState().ghost).toBeUndefined(); // there was no step
  metrics.push({ step: 1, loss: 2, learning_rate: 1, grad_norm: 1, tokens: 1, seconds: 1 });
  runStore.setState({ id: 'a' });
  keepGhost();
  expect(ghostStore.getState().ghost).toMatchObject({ id: 'a', name: 'run before' });
});
