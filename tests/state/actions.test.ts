import { beforeEach, describe, expect, it, vi } from 'vitest';
import {
  chooseData,
  chooseModel,
  pause,
  resume,
  sampleAgain,
  setKnob,
  start,
  stop,
  train,
} from '../../src/state/actions';
import { setClient } from '../../src/state/client';
import { deviceStore } from '../../src/state/device';
import { metrics } from '../../src/state/metrics';
import { NO_RUN, runStore } from '../../src/state/run';
import { currentSettings, NOTHING_CHOSEN, setupStore } from '../../src/state/setup';
import type { DataInfo, FileSource, ModelInfo, PlanInfo, StepPoint } from '../../src/worker/protocol';
import { createFakeClient, type FakeClient } from '../support/fakeClient';

const MODEL = { name: 'tiny', config: { layers: 4 }, parameters: 10, bytes: 20, dtype: 'F32' } as ModelInfo;
const DATA = { name: 'd.jsonl', prompt: 'Once upon', records: 3 } as DataInfo;
const PLAN = { trainableParameters: 1, baseParameters: 10, bytes: { total: 5 } } as PlanInfo;
const INDEX = [{ name: 'tiny', files: [{ name: 'model.safetensors', size: 20 }] }];

const point = (step: number): StepPoint => ({
  step,
  loss: 1,
  learning_rate: 1,
  grad_norm: 1,
  tokens: 1,
  seconds: 1,
});

let client: FakeClient;

beforeEach(async () => {
  const stored = new Map<string, string>();
  vi.stubGlobal('localStorage', {
    getItem: (key: string) => stored.get(key) ?? null,
    setItem: (key: string, value: string) => stored.set(key, value),
  });
  const location = { hash: '', pathname: '/', search: '' };
  vi.stubGlobal('location', location);
  vi.stubGlobal('history', {
    replaceState: (_state: unknown, _title: string, url: string) => {
      location.hash = url.startsWith('#') ? url : '';
    },
  });
  vi.stubGlobal('document', { baseURI: 'http://page/' });
  vi.stubGlobal('fetch', () => Promise.resolve(Response.json(INDEX)));
  setupStore.setState(NOTHING_CHOSEN, true);
  runStore.setState(NO_RUN, true);
  deviceStore.setState({ status: 'checking' }, true);
  metrics.clear();
  client = createFakeClient({
    openDevice: () => ({ name: 'gpu', fallback: false, maxBinding: 1 }),
    loadModel: ({ source }) => {
      if (source.name === 'bad') throw new Error('bad: the file is cut short; download it again.');
      return { ...MODEL, name: source.name };
    },
    loadData: ({ source }) => {
      if (source.name === 'bad') throw new Error('bad: it has no usable record; give another.');
      return { ...DATA, name: source.name };
    },
    plan: () => PLAN,
  });
  setClient(client);
  await start(true);
});

const files = (name: string): FileSource => ({ kind: 'files', name, files: [] });

/** After what was asked for has been answered: nothing here waits for a clock, so a turn of the event loop does. */
const settled = () => new Promise((resolve) => setImmediate(resolve));

describe('the start of the page', () => {
  it('brings up device, bundled model, bundled data and the plan', () => {
    expect(deviceStore.getState()).toMatchObject({ status: 'ready', info: { name: 'gpu' } });
    const { model, data, plan } = setupStore.getState();
    expect(model.chosen?.info.name).toBe('tiny');
    expect(data.chosen?.info.name).toBe('clerk');
    expect(plan).toEqual(PLAN);
  });

  it('says what is wrong where the browser has no WebGPU, and asks the worker for nothing', async () => {
    client.sent.length = 0;
    await start(false);
    expect(deviceStore.getState()).toEqual({ status: 'missing' });
    expect(client.sent).toEqual([]);
  });
});

describe('a file that cannot be used', () => {
  it('leaves model, data and settings as they were, with one sentence beside them', async () => {
    setKnob('r', 4);
    const before = setupStore.getState();
    await chooseModel(files('bad'));
    await chooseData(files('bad'));
    const after = setupStore.getState();
    expect(after.model).toEqual({
      ...before.model,
      problem: 'bad: the file is cut short; download it again.',
      refused: files('bad'),
    });
    expect(after.data).toEqual({
      ...before.data,
      problem: 'bad: it has no usable record; give another.',
      refused: files('bad'),
    });
    expect(after.touched).toEqual({ r: 4 });
  });

  it('is forgotten when a good one follows', async () => {
    await chooseData(files('bad'));
    await chooseData(files('good'));
    expect(setupStore.getState().data).toMatchObject({
      problem: undefined,
      chosen: { info: { name: 'good' } },
    });
  });
});

describe('settings', () => {
  it('follow the model until they are touched', async () => {
    expect(currentSettings().values.group_size).toBe(2);
    setKnob('group_size', 4);
    expect(currentSettings().values.group_size).toBe(4);
    setKnob('group_size', undefined);
    expect(currentSettings().values.group_size).toBe(2);
    await settled();
    expect(client.sent.filter((command) => command.type === 'plan')).toHaveLength(4);
  });

  it('are kept in the address', () => {
    setKnob('learning_rate', 0.01);
    expect(location.hash).toBe('#learning_rate=0.01');
    setKnob('learning_rate', undefined);
    expect(location.hash).toBe('');
  });

  it('name the knob that is out of range and do not ask for a plan then', () => {
    client.sent.length = 0;
    setKnob('group_size', 5);
    expect(currentSettings().problem).toMatchObject({ key: 'group_size' });
    expect(client.sent).toEqual([]);
  });

  it('show only the plan of the last of two quick changes', async () => {
    const answers: ((plan: PlanInfo) => void)[] = [];
    setClient(createFakeClient({ plan: () => new Promise((resolve) => answers.push(resolve)) }));
    setKnob('r', 1);
    setKnob('r', 2);
    await settled();
    expect(answers).toHaveLength(2);
    answers[1]?.({ ...PLAN, trainableParameters: 2 });
    answers[0]?.({ ...PLAN, trainableParameters: 1 });
    await settled();
    expect(setupStore.getState().plan?.trainableParameters).toBe(2);
  });
});

describe('a run', () => {
  it('sends the settings and the prompt, and follows the events of this run only', async () => {
    await train();
    expect(client.sent.at(-1)).toMatchObject({ type: 'train', runId: 1, prompt: 'Once upon' });
    client.emit({ type: 'running', runId: 1, step: 0 });
    client.emit({ type: 'step', runId: 1, point: point(1) });
    client.emit({ type: 'step', runId: 99, point: point(2) });
    client.emit({ type: 'sample', runId: 1, when: 'before', step: 0, text: ' a time', complete: true });
    expect(metrics.length).toBe(1);
    expect(runStore.getState()).toMatchObject({
      status: { phase: 'running', step: 1 },
      before: { prompt: 'Once upon', text: ' a time' },
    });
  });

  it('shows at once that a pause or a stop was asked for', async () => {
    await train();
    client.emit({ type: 'running', runId: 1, step: 3 });
    await pause();
    expect(runStore.getState().status).toEqual({ phase: 'running', step: 3, asked: 'pause' });
    client.emit({ type: 'paused', runId: 1, step: 4 });
    await resume();
    client.emit({ type: 'running', runId: 1, step: 4 });
    await stop();
    expect(runStore.getState().status).toEqual({ phase: 'running', step: 4, asked: 'stop' });
    expect(client.sent.slice(-3).map((command) => command.type)).toEqual(['pause', 'resume', 'stop']);
  });

  it('that broke goes on from its snapshot and repeats the steps after it', async () => {
    await train();
    client.emit({ type: 'running', runId: 1, step: 0 });
    for (let step = 1; step <= 5; step++) client.emit({ type: 'step', runId: 1, point: point(step) });
    client.emit({ type: 'failed', runId: 1, message: 'lost.', resumable: 3 });
    await resume();
    expect(metrics.length).toBe(3);
    expect(runStore.getState().status.phase).toBe('loading');
  });

  it('whose start is refused fails with the sentence and keeps the setup', async () => {
    const { model } = setupStore.getState();
    setClient(
      createFakeClient({
        train: () => {
          throw new Error('val_size: it leaves nothing to train on; give a smaller part.');
        },
      }),
    );
    await train();
    expect(runStore.getState().status).toEqual({
      phase: 'failed',
      message: 'val_size: it leaves nothing to train on; give a smaller part.',
      resumable: undefined,
    });
    expect(setupStore.getState().model).toBe(model);
  });

  it('fails with one sentence when the worker dies', async () => {
    await train();
    client.crash('The training worker stopped.');
    expect(runStore.getState().status).toMatchObject({
      phase: 'failed',
      message: 'The training worker stopped.',
    });
  });

  it('is not ended by a sample that fails', async () => {
    await train();
    client.emit({ type: 'running', runId: 1, step: 1 });
    setClient(
      createFakeClient({
        sample: () => {
          throw new Error('prompt: too long; shorten it.');
        },
      }),
    );
    await sampleAgain();
    expect(runStore.getState()).toMatchObject({
      status: { phase: 'running' },
      sampleProblem: 'prompt: too long; shorten it.',
    });
  });
});
