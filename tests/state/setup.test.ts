import { beforeEach, describe, expect, it, vi } from 'vitest';
import { decodeLink } from '../../src/config/urlCode';
import { setKnob, setPrompt, setTouched } from '../../src/state/actions';
import { beatStore } from '../../src/state/beat';
import { setClient } from '../../src/state/client';
import { deviceStore } from '../../src/state/device';
import { historyStore, redo, undo } from '../../src/state/history';
import { metrics } from '../../src/state/metrics';
import { chooseData, chooseModel, scenarioSource } from '../../src/state/reading';
import { NO_RUN, runStore } from '../../src/state/run';
import { currentSettings, NOTHING_CHOSEN, setupStore } from '../../src/state/setup';
import { followAddress, hasCurve, share, shareStore } from '../../src/state/share';
import { start } from '../../src/state/start';
import type { DataInfo, FileSource, ModelInfo, PlanInfo } from '../../src/worker/protocol';
import { createFakeClient } from '../support/fakeClient';
import { stubPage } from '../support/fakePage';

const MODELS = [
  { name: 'world-small', size: 20 }, // the larger one is the first that a graphics card gets
  { name: 'world', size: 10 },
];
const files = (name: string): FileSource => ({ kind: 'files', name, files: [] });

let location: ReturnType<typeof stubPage>;
let now = 0;

async function open(hash = '', fallback = false): Promise<void> {
  setupStore.setState(NOTHING_CHOSEN, true);
  runStore.setState(NO_RUN, true);
  deviceStore.setState({ status: 'checking' }, true);
  metrics.clear();
  location = stubPage(MODELS);
  location.hash = hash;
  setClient(
    createFakeClient({
      openDevice: () => ({ name: 'gpu', fallback, maxBinding: 1 }),
      loadModel: ({ source }) => ({ name: source.name, config: { layers: 4 } }) as ModelInfo,
      loadData: ({ source }) => ({ name: source.name, prompt: 'Once upon' }) as DataInfo,
      plan: () => ({}) as PlanInfo,
    }),
  );
  await start(true);
}

const chosen = () => {
  const { touched, prompt, model, data } = setupStore.getState();
  return { touched, prompt, model: model.chosen?.info.name, data: data.chosen?.info.name };
};

beforeEach(async () => {
  now = 0;
  vi.spyOn(performance, 'now').mockImplementation(() => now);
  await open();
});

/** Longer than changes of one setting are taken together. */
const later = () => {
  now += 2000;
};

describe('undo', () => {
  it('takes back settings, prompt, model and data one after the other, and redo brings them again', async () => {
    const states = [chosen()];
    const steps = [
      async () => {
        setKnob('r', 4);
        await Promise.resolve();
      },
      async () => {
        setPrompt('Hello');
        await Promise.resolve();
      },
      () => chooseModel(files('mine')),
      () => chooseData(scenarioSource('recipes')),
      () => chooseData(files('own.jsonl')),
    ];
    for (const step of steps) {
      later();
      await step();
      states.push(chosen());
    }
    for (const state of states.slice(0, -1).reverse()) {
      await undo();
      expect(chosen()).toEqual(state);
    }
    await undo(); // there is nothing more
    expect(chosen()).toEqual(states[0]);
    for (const state of states.slice(1)) {
      await redo();
      expect(chosen()).toEqual(state);
    }
    expect(historyStore.getState()).toMatchObject({ past: { length: 5 }, future: [] });
  });

  it('takes a scenario back together with the model that it brought', async () => {
    await chooseData(scenarioSource('domains'));
    expect(chosen()).toMatchObject({ model: 'world', data: 'domains' });
    expect(historyStore.getState().past).toHaveLength(1);
    await undo();
    expect(chosen()).toMatchObject({ model: 'world-small', data: 'clerk' });
    expect(setupStore.getState().modelByHand).toBe(false);
  });

  it('takes a slider that was drawn back in one, but not two settings', async () => {
    for (const r of [9, 10, 11]) setKnob('r', r);
    setKnob('num_experts', 3);
    expect(historyStore.getState().past).toHaveLength(2);
    await undo();
    expect(chosen().touched).toEqual({ r: 11 });
    await undo();
    expect(chosen().touched).toEqual({});
  });

  it('takes a reset of all settings back, and forgets what was undone once something else is set', async () => {
    setKnob('r', 4);
    later();
    setTouched({});
    await undo();
    expect(chosen().touched).toEqual({ r: 4 });
    later();
    setKnob('seed', 1);
    expect(historyStore.getState().future).toEqual([]);
  });

  it('does not count what was read but not chosen, nor the same scenario again', async () => {
    await chooseData(scenarioSource('clerk'));
    expect(historyStore.getState().past).toEqual([]);
  });
});

describe('a link', () => {
  beforeEach(() => {
    vi.stubGlobal('navigator', { clipboard: { writeText: () => Promise.resolve() } });
  });

  it('brings settings, scenario and model back, ready to run', async () => {
    await chooseData(scenarioSource('recipes'));
    setKnob('r', 3);
    setKnob('eval_steps', 7); // changes no result
    const { values } = currentSettings();
    await share(false);
    const { hash } = location;
    expect(shareStore.getState().made).toMatchObject({ copied: true, address: `http://page/${hash}` });
    await open(hash);
    expect(chosen()).toMatchObject({ data: 'recipes', model: 'world-small' });
    const { eval_steps } = currentSettings().defaults;
    expect(currentSettings().values).toEqual({ ...values, eval_steps });
    expect(beatStore.getState().points).toEqual([]);
  });

  it('says what a processor needs to train as a graphics card did', async () => {
    await chooseData(files('own.jsonl'));
    await share(false);
    const accumulation = currentSettings().values.gradient_accumulation_steps;
    expect(decodeLink(location.hash.slice(1)).settings).toEqual({
      gradient_accumulation_steps: accumulation,
    });
    expect(shareStore.getState().made?.sentence).toContain('Your data stays here');
    await open(location.hash, true);
    expect(currentSettings().values.gradient_accumulation_steps).toBe(accumulation);
  });

  it('carries the curve of a run with the same settings, as something to beat', async () => {
    const settings = currentSettings().values;
    runStore.setState({ settings });
    for (let step = 1; step <= 1000; step++) {
      metrics.push({ step, loss: 3 / step, learning_rate: 1, grad_norm: 1, tokens: 1, seconds: 1 });
    }
    expect(hasCurve()).toBe(true);
    await share(true);
    const { hash } = location;
    expect(hash.length).toBeLessThan(2000);
    await open(hash);
    const { points, caption } = beatStore.getState();
    expect(points.length).toBeLessThanOrEqual(200);
    expect(points.at(-1)?.step).toBe(1000);
    expect(caption).toBe('from the link: MASA, clerk');
    expect(chosen().data).toBe('clerk');
  });

  it('leaves the curve out where the settings have changed since', async () => {
    runStore.setState({ settings: { ...currentSettings().values, r: 99 } });
    for (const step of [1, 2]) {
      metrics.push({ step, loss: 1, learning_rate: 1, grad_norm: 1, tokens: 1, seconds: 1 });
    }
    expect(hasCurve()).toBe(false);
    await share(true);
    expect(location.hash).not.toContain('curve');
  });

  it('that the clipboard refuses is in the address all the same, and says so', async () => {
    vi.stubGlobal('navigator', { clipboard: { writeText: () => Promise.reject(new Error('no')) } });
    await share(false);
    expect(shareStore.getState().made).toMatchObject({ copied: false });
    expect(location.hash).toContain('scenario=clerk');
  });

  it.each([
    ['#v=1&scenario=alchemy&r=3', 'alchemy'],
    ['#v=1&model=llama-99b&r=3', 'llama-99b'],
    ['#v=1&flux=1&r=3', 'flux'],
  ])('with an unknown part (%s) opens without it and says so', async (hash, word) => {
    await open(hash);
    expect(shareStore.getState().problem).toContain(word);
    expect(chosen()).toMatchObject({ touched: { r: 3 }, data: 'clerk', model: 'world-small' });
  });

  it('may be put into the address of the open page', async () => {
    location.hash = '#v=1&scenario=domains&r=5';
    await followAddress();
    expect(chosen()).toMatchObject({ touched: { r: 5 }, data: 'domains', model: 'world' });
    await undo();
    expect(chosen()).toMatchObject({ touched: {}, data: 'clerk', model: 'world-small' });
  });
});
