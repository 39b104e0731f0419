import type { StepMetrics } from '../../src/engine/train/metrics';
import { beforeEach, describe, expect, it } from 'vitest';
import { pause, resume, sampleAgain, setKnob, stop, train } from '../../src/state/actions';
import { chooseData, chooseModel, scenarioSource } from '../../src/state/reading';
import { start } from '../../src/state/start';
import { findScenario } from '../../src/scenarios/table';
import { setClient } from '../../src/state/client';
import { deviceStore } from '../../src/state/device';
import { evaluate, evaluationStore, NOTHING_ASKED, stopEvaluation } from '../../src/state/evaluation';
import { metrics } from '../../src/state/metrics';
import { NO_RUN, runStore } from '../../src/state/run';
import { currentSettings, NOTHING_CHOSEN, setupStore } from '../../src/state/setup';
import type { DataInfo, EvaluationInfo, FileSource, ModelInfo, PlanInfo } from '../../src/worker/protocol';
import { createFakeClient, type FakeClient } from '../support/fakeClient';
import { stubPage } from '../support/fakePage';

const MODEL = {
  name: 'world-small',
  config: { layers: 4 },
  parameters: 10,
  bytes: 20,
  dtype: 'F32',
} as ModelInfo;
const DATA = { name: 'd.jsonl', prompt: 'Once upon', records: 3 } as DataInfo;
const PLAN = { trainableParameters: 1, baseParameters: 10, bytes: { total: 5 } } as PlanInfo;
const MODELS = [
  { name: 'world-small', size: 10 },
  { name: 'world', size: 20 },
];

const point = (step: number): StepMetrics => ({
  step,
  loss: 1,
  learning_rate: 1,
  grad_norm: 1,
  tokens: 1,
  seconds: 1,
});

let client: FakeClient;

beforeEach(async () => {
  stubPage(MODELS);
  setupStore.setState(NOTHING_CHOSEN, true);
  runStore.setState(NO_RUN, true);
  deviceStore.setState({ status: 'checking' }, true);
  evaluationStore.setState(NOTHING_ASKED, true);
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
    expect(model.chosen?.info.name).toBe('world-small');
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

describe('a scenario', () => {
  const sent = () =>
    client.sent.flatMap((command) =>
      command.type === 'loadModel' || command.type === 'loadData' ? [command.source.name] : [],
    );

  it('is there again after a reload, with its model; after a file of somebody, the first one is', async () => {
    const reload = async () => {
      setupStore.setState(NOTHING_CHOSEN, true);
      client.sent.length = 0;
      await start(true);
      return sent();
    };
    await chooseData(scenarioSource('domains'));
    expect(await reload()).toEqual(['world', 'domains']);
    await chooseData(files('mine.jsonl'));
    expect(await reload()).toEqual(['world-small', 'clerk']);
  });

  it('brings its settings as defaults, to which a reset goes back; what was touched stays', async () => {
    const { max_steps, learning_rate } = findScenario('reasoning')!.settings;
    setKnob('learning_rate', 0.01);
    await chooseData(scenarioSource('reasoning'));
    expect(currentSettings().values).toMatchObject({ max_steps, learning_rate: 0.01 });
    setKnob('learning_rate', undefined);
    expect(currentSettings().values.learning_rate).toBe(learning_rate);
    await chooseData(files('mine.jsonl'));
    expect(currentSettings().values.max_steps).not.toBe(max_steps);
  });

  it('brings its model, unless somebody chose one', async () => {
    client.sent.length = 0;
    await chooseData(scenarioSource('domains'));
    expect(sent()).toEqual(['world', 'domains']);
    await chooseData(scenarioSource('domains'));
    expect(sent().slice(2)).toEqual(['domains']); // the same model
    await chooseModel(files('mine'));
    client.sent.length = 0;
    await chooseData(scenarioSource('domains'));
    expect(sent()).toEqual(['domains']);
  });

  it('is the last of several that were chosen in haste; those between are not even read', async () => {
    client.sent.length = 0;
    const choices = ['code', 'domains', 'reasoning', 'recipes'].map((id) => chooseData(scenarioSource(id)));
    expect(setupStore.getState().data.reading?.name).toBe('recipes');
    await Promise.all(choices);
    expect(setupStore.getState().data).toMatchObject({
      reading: undefined,
      chosen: { info: { name: 'recipes' } },
    });
    expect(sent()).toEqual(['recipes']);
  });
});

describe('questions', () => {
  const questions = { name: 'q.csv', form: 'choice', format: 'mmlu', count: 3, tasks: 1, notes: [] } as const;

  it('of a file are offered, and that it teaches nothing is no problem then', async () => {
    client = createFakeClient({
      loadQuestions: () => questions,
      loadData: () => {
        throw new Error('q.csv: it has no usable record; give another.');
      },
    });
    setClient(client);
    const before = setupStore.getState().data.chosen;
    await chooseData(files('q.csv'));
    expect(setupStore.getState()).toMatchObject({
      questions: { info: questions },
      data: { chosen: before, problem: undefined, refused: undefined },
    });
  });

  it('are asked with progress; what came of them stays when the next asking is stopped', async () => {
    const result = { model: 'world-small', questions } as unknown as EvaluationInfo;
    const answers: ((answer: EvaluationInfo | undefined) => void)[] = [];
    setClient(createFakeClient({ evaluate: () => new Promise((resolve) => answers.push(resolve)) }));
    const first = evaluate(files('q.csv'));
    await settled();
    client.emit({ type: 'evaluating', runId: 0, done: 1, total: 4 });
    expect(evaluationStore.getState()).toMatchObject({ asking: true, progress: { done: 1, total: 4 } });
    answers[0]?.(result);
    await first;
    const second = evaluate(files('q.csv'));
    await settled();
    await stopEvaluation();
    expect(evaluationStore.getState()).toMatchObject({ asking: true, stopping: true });
    answers[1]?.(undefined);
    await second;
    expect(evaluationStore.getState()).toEqual({ ...NOTHING_ASKED, result });
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
    expect(location.hash).toBe('#v=1&learning_rate=0.01');
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
    client.emit({ type: 'asking', runId: 1, done: 3, total: 8 });
    expect(runStore.getState()).toMatchObject({
      scenario: 'clerk',
      status: { asking: { done: 3, total: 8 } },
    });
    const mean = { id: 'all', n: 8, acc: 0.5, acc_norm: 0.5, chance: 0.25, ci: [0.2, 0.8] } as const;
    client.emit({ type: 'accuracy', runId: 1, step: 1, mean, byTask: [{ ...mean, id: 'clerk' }], cut: 0 });
    expect(metrics.accuracy).toEqual([{ step: 1, mean, byTask: [{ ...mean, id: 'clerk' }], cut: 0 }]);
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
