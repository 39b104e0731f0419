import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { defaultRunConfig } from '../../src/config/defaults';
import type { Recording } from '../../src/replay/recording';
import { beatStore, NOTHING_TO_BEAT } from '../../src/state/beat';
import { deviceStore } from '../../src/state/device';
import { ghostStore } from '../../src/state/ghost';
import { MetricsLog } from '../../src/state/metrics';
import { previewStore, recordedBefore, watchPreview } from '../../src/state/preview';
import { NO_RUN, runStore } from '../../src/state/run';
import { runsStore, type RunSummary } from '../../src/state/runs';
import { NOTHING_CHOSEN, setupStore, type SetupState } from '../../src/state/setup';

const three = [3, 2, 1];
const RECORDING = {
  ...{ scenario: 'clerk', prompt: 'Q:', run: { ...defaultRunConfig(8), max_steps: 3 } },
  model: { name: 'world-small', fingerprint: 'f' },
  device: { name: 'a made-up GPU: driver (1.2)', fallback: false, maxBinding: 1 },
  steps: { loss: three, learning_rate: three, grad_norm: three, tokens: three, seconds: three },
  moments: ['a', 'a goat'].map((text) => ({
    after: 0,
    event: { type: 'sample', when: 'before', step: 0, text, complete: text !== 'a' },
  })),
} as unknown as Recording;

vi.mock('../../src/replay/fetchRecording', () => ({ fetchRecording: () => Promise.resolve(RECORDING) }));

let end: () => void = () => undefined;
const ghost = () => ghostStore.getState().ghost;
const settled = () =>
  vi.waitFor(() => {
    expect(ghost()).toBeDefined();
  });

function choose(model: string, scenario = 'clerk') {
  setupStore.setState({
    model: { chosen: { info: { name: model }, source: { kind: 'urls' } } },
    data: { chosen: { info: { name: scenario }, source: { kind: 'scenario', id: scenario } } },
  } as unknown as Partial<SetupState>);
}

beforeEach(() => {
  setupStore.setState(NOTHING_CHOSEN, true);
  runStore.setState(NO_RUN, true);
  runsStore.setState({ runs: [] });
  ghostStore.setState({ ghost: undefined });
  beatStore.setState(NOTHING_TO_BEAT, true);
  deviceStore.setState({ status: 'ready', info: RECORDING.device }, true);
  end = watchPreview();
});

afterEach(() => {
  end();
  expect(previewStore.getState().recording).toBeUndefined();
});

it('a first visit has the recorded curves, which stay during the first run and are named', async () => {
  choose('world-small');
  await settled();
  expect(ghost()?.name).toBe('recorded run, on a made-up GPU');
  expect([...ghost()!.log.column('loss')]).toEqual(three);
  expect(recordedBefore(previewStore.getState().recording, 'Q:')).toBe('a goat');
  expect(recordedBefore(previewStore.getState().recording, 'Q')).toBeUndefined();
  runStore.setState({ id: 'a', status: { phase: 'running', step: 1 } });
  runsStore.setState({ runs: [{ id: 'a' } as RunSummary] });
  expect(ghost()).toBeDefined();
});

it('they go with another model or scenario, and come back with their own', async () => {
  choose('world-small');
  await settled();
  choose('world');
  await vi.waitFor(() => {
    expect(ghost()).toBeUndefined();
  });
  choose('world-small');
  await settled();
  choose('world-small', 'code');
  await vi.waitFor(() => {
    expect(ghost()).toBeUndefined();
  });
});

it('they make room for the ghost of a run of one’s own', async () => {
  choose('world-small');
  await settled();
  const own = { name: 'run before', log: new MetricsLog(), settings: undefined };
  ghostStore.setState({ ghost: own });
  runStore.setState({ id: 'b', status: { phase: 'running', step: 1 } });
  expect(previewStore.getState().recording).toBeUndefined();
  expect(ghost()).toBe(own);
});

it('who has runs, or a curve from a link, does not get them', async () => {
  runsStore.setState({ runs: [{ id: 'a' } as RunSummary] });
  choose('world-small');
  await new Promise((resolve) => setImmediate(resolve));
  expect(ghost()).toBeUndefined();
  runsStore.setState({ runs: [] });
  beatStore.setState({ points: [{ step: 1, loss: 1 }], caption: 'from the link' });
  choose('world-small');
  await new Promise((resolve) => setImmediate(resolve));
  expect(ghost()).toBeUndefined();
});
