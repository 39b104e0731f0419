import { beforeEach, describe, expect, it, vi } from 'vitest';
import { defaultRunConfig } from '../../src/config/defaults';
import { train } from '../../src/state/actions';
import { setClient } from '../../src/state/client';
import { deviceStore } from '../../src/state/device';
import { metrics } from '../../src/state/metrics';
import { inTurn } from '../../src/state/reading';
import { NO_RUN, runStore } from '../../src/state/run';
import { removeRun, restoreRun, runsStore, setRunLibrary, spareSnapshots } from '../../src/state/runs';
import { NOTHING_CHOSEN, setupStore } from '../../src/state/setup';
import { start } from '../../src/state/start';
import type { RunLibrary } from '../../src/storage/runs/library';
import type { DataInfo, ModelInfo } from '../../src/worker/protocol';
import type { StoredRun } from '../../src/worker/storedRun';
import { createFakeClient, type FakeClient } from '../support/fakeClient';

const MODEL = { name: 'tiny', config: { layers: 4 }, parameters: 10, bytes: 20, dtype: 'F32' } as ModelInfo;
const DATA = { name: 'pirate', prompt: 'Once upon', records: 3 } as DataInfo;

const RUN: StoredRun = {
  ...{ id: 'a', name: 'LoRA on pirate', note: '', pinned: false, createdAt: 1, status: 'running' },
  settings: { ...defaultRunConfig(4), max_steps: 9 },
  ...{ scenario: 'pirate', caption: '', prompt: 'Ahoy', model: { name: 'tiny', fingerprint: 'f' } },
  data: { name: 'pirate', sha256: 's', columns: null },
  ...{ steps: 2, lastLoss: 1, finalValidation: 3, marks: [], snapshotBytes: 100, deleted: false },
};
const LOG = [0, 1, 2].map((step) => ({
  ...{ step, ...(step === 0 ? { val_loss: 3 } : { loss: 2, learning_rate: 1, grad_norm: 1 }) },
  ...(step === 0 ? {} : { tokens: 4, seconds: 1 }),
}));

let client: FakeClient;
let runs: StoredRun[];
let taken: Set<string>;

const library = {
  list: () => Promise.resolve(runs.filter(({ deleted }) => !deleted)),
  find: (id: string) => Promise.resolve(runs.find((run) => run.id === id)),
  history: () =>
    Promise.resolve({ log: LOG, moments: [{ kind: 'after', step: 2, prompt: 'Ahoy', text: ' matey' }] }),
  sources: () =>
    Promise.resolve({
      model: { kind: 'urls', name: 'tiny', urls: ['http://page/models/tiny/model.safetensors'] },
      data: { kind: 'scenario', id: 'pirate', name: 'pirate' },
    }),
  remove: (id: string) => {
    runs = runs.map((run) => (run.id === id ? { ...run, deleted: true } : run));
    return Promise.resolve();
  },
  restore: (id: string) => {
    runs = runs.map((run) => (run.id === id ? { ...run, deleted: false } : run));
    return Promise.resolve();
  },
  purge: () => Promise.resolve(),
  quota: () => Promise.resolve({ used: 1, total: 10 }),
  claim: (id: string) => Promise.resolve(taken.has(id) ? undefined : () => undefined),
} as unknown as RunLibrary;

const settled = () => inTurn(() => new Promise((resolve) => setImmediate(resolve)));
const sent = (type: string) => client.sent.filter((command) => command.type === type);

beforeEach(() => {
  const stored = new Map<string, string>();
  vi.stubGlobal('localStorage', {
    getItem: (key: string) => stored.get(key) ?? null,
    setItem: (key: string, value: string) => stored.set(key, value),
  });
  vi.stubGlobal('location', { hash: '', pathname: '/', search: '' });
  vi.stubGlobal('history', { replaceState: () => undefined });
  vi.stubGlobal('document', { baseURI: 'http://page/' });
  const index = [{ name: 'tiny', files: [{ name: 'model.safetensors', size: 20 }] }];
  vi.stubGlobal('fetch', () => Promise.resolve(Response.json(index)));
  setupStore.setState(NOTHING_CHOSEN, true);
  runStore.setState(NO_RUN, true);
  deviceStore.setState({ status: 'checking' }, true);
  metrics.clear();
  runs = [RUN];
  taken = new Set();
  setRunLibrary(library);
  client = createFakeClient({
    openDevice: () => ({ name: 'gpu', fallback: false, maxBinding: 1 }),
    loadModel: ({ source }) => ({ ...MODEL, name: source.name }),
    loadData: ({ source }) => ({ ...DATA, name: source.name }),
  });
  setClient(client);
});

describe('a page that is opened again', () => {
  it('goes on with the run that was under way, on its model and data, with its curves', async () => {
    await start(true);
    expect(sent('continueRun')).toEqual([{ type: 'continueRun', runId: 1, id: 'a', paused: false }]);
    expect(sent('loadData').at(-1)).toMatchObject({ source: { id: 'pirate' } });
    expect(runStore.getState()).toMatchObject({ id: 'a', held: true, prompt: 'Ahoy' });
    expect(runStore.getState().after?.text).toBe(' matey');
    expect([...metrics.column('step')]).toEqual([1, 2]);
    expect(metrics.validation).toEqual([{ step: 0, loss: 3 }]);
    client.emit({
      ...{ type: 'mark', runId: 1 },
      mark: { step: 2, kind: 'continued', label: 'continued here' },
    });
    expect(metrics.marks).toHaveLength(1);
  });

  it('waits with a run that was paused', async () => {
    runs = [{ ...RUN, status: 'paused' }];
    await start(true);
    expect(sent('continueRun')).toMatchObject([{ paused: true }]);
  });

  it('only shows a run that is done', async () => {
    runs = [{ ...RUN, status: 'done', steps: 9 }];
    await start(true);
    expect(sent('continueRun')).toEqual([]);
    expect(runStore.getState()).toMatchObject({
      ...{ id: 'a', held: false },
      status: { phase: 'done', step: 9, stopped: false },
    });
  });

  it('leaves a run alone that another page goes on with, and says so', async () => {
    taken.add('a');
    await start(true);
    expect(sent('continueRun')).toEqual([]);
    expect(runStore.getState().status).toMatchObject({
      ...{ phase: 'failed', resumable: 2 },
      message: expect.stringMatching(/^LoRA on pirate: it goes on on another page/) as string,
    });
    expect(setupStore.getState().data.chosen?.info.name).toBe('clerk');
  });
});

describe('a worker that was killed', () => {
  it('goes on with the run in the new one; the second time at the same step it stays', async () => {
    await start(true);
    client.emit({ type: 'running', runId: 1, step: 2 });
    client.crash('The training worker stopped.', true);
    await settled();
    expect(deviceStore.getState().status).toBe('ready');
    expect(sent('continueRun').at(-1)).toEqual({ type: 'continueRun', runId: 2, id: 'a', paused: false });
    client.emit({ type: 'running', runId: 2, step: 2 });
    client.crash('The training worker stopped.', true);
    await settled();
    expect(sent('continueRun')).toHaveLength(2);
    expect(runStore.getState().status).toMatchObject({ phase: 'failed', resumable: 2 });
  });

  it('loses no more than the worker where no run was under way', async () => {
    runs = [];
    await start(true);
    const before = sent('loadModel').length;
    client.crash('The training worker stopped.', true);
    await settled();
    expect(sent('loadModel')).toHaveLength(before + 1);
    expect(setupStore.getState().data.chosen?.info.name).toBe('clerk');
    expect(deviceStore.getState().status).toBe('ready');
  });
});

describe('the list of runs', () => {
  it('names and describes a new run beside the one before', async () => {
    runs = [{ ...RUN, status: 'done', settings: { ...RUN.settings, method: 'lora' } }];
    await start(true);
    await train();
    const [command] = sent('train');
    expect(command).toMatchObject({
      keep: {
        name: expect.stringMatching(/^\w+ on clerk$/) as string,
        caption: expect.stringContaining('MASA instead of LoRA') as string,
      },
    });
  });

  it('takes a deleted run out and brings it back', async () => {
    runs = [{ ...RUN, status: 'done' }];
    await start(true);
    await removeRun('a');
    expect(runsStore.getState()).toMatchObject({ runs: [], removed: { id: 'a', name: RUN.name } });
    await restoreRun();
    expect(runsStore.getState().runs.map(({ id }) => id)).toEqual(['a']);
  });

  it('offers only the snapshots of older runs that are over and not pinned', () => {
    const list = [
      { ...RUN, id: 'new', status: 'done' as const },
      { ...RUN, id: 'old', status: 'done' as const },
      { ...RUN, id: 'pinned', status: 'done' as const, pinned: true },
      { ...RUN, id: 'held', status: 'paused' as const },
      { ...RUN, id: 'none', status: 'done' as const, snapshotBytes: 0 },
    ];
    expect(spareSnapshots(list).map(({ id }) => id)).toEqual(['old']);
  });
});
