import { beforeEach, describe, expect, it, vi } from 'vitest';
import { trainableWeights } from '../../src/engine/adapters/budget';
import { setKnob } from '../../src/state/actions';
import { matchMethod, methodBudget, presentMatch, undoMatch } from '../../src/state/budget';
import { setClient } from '../../src/state/client';
import { currentSettings, NOTHING_CHOSEN, setupStore } from '../../src/state/setup';
import type { ModelInfo, PlanInfo } from '../../src/worker/protocol';
import { createFakeClient, type FakeClient } from '../support/fakeClient';
import { tinyConfig } from '../support/tinyModel';

const INFO: ModelInfo = {
  name: 'tiny',
  config: tinyConfig,
  parameters: 10_000,
  bytes: 40_000,
  dtype: 'F32',
  hasChatTemplate: false,
  sampling: {},
};

let client: FakeClient;

beforeEach(() => {
  vi.stubGlobal('localStorage', { getItem: () => null, setItem: () => undefined });
  vi.stubGlobal('location', { hash: '', pathname: '/', search: '' });
  vi.stubGlobal('history', { replaceState: () => undefined });
  client = createFakeClient({ plan: () => ({ trainableParameters: 1 }) as PlanInfo });
  setClient(client);
  const chosen = { info: INFO, source: { kind: 'files', name: 'tiny', files: [] } as const };
  setupStore.setState({ ...NOTHING_CHOSEN, model: { ...NOTHING_CHOSEN.model, chosen } }, true);
});

const weights = () => trainableWeights(currentSettings().values, tinyConfig);
const sentence = () => presentMatch(setupStore.getState())?.sentence;

describe('matching a method to the budget of the present one', () => {
  it('chooses it with the closest r at the same scale, says so in words, and asks for a plan', () => {
    setKnob('num_experts', 3);
    setKnob('group_size', 2);
    client.sent.length = 0;
    const before = weights();
    const { match } = methodBudget('lora_moe', currentSettings().values, tinyConfig);
    matchMethod('lora_moe');
    const { values } = currentSettings();
    expect(values).toMatchObject({ method: 'lora_moe', r: match!.settings.r, num_experts: 3, group_size: 2 });
    expect(values.r).toBeLessThan(8);
    expect(values.lora_alpha / values.r).toBe(2);
    const percent = Number((Math.abs(weights() / before - 1) * 100).toPrecision(2));
    expect(sentence()).toBe(
      `LoRA-MoE now trains ${weights().toLocaleString('en')} weights, ${percent} % ` +
        `${weights() > before ? 'more' : 'fewer'} than MASA did: r 8 → ${values.r}, alpha 16 → ${values.lora_alpha} for the same scale.`,
    );
    expect(client.sent.map(({ type }) => type)).toEqual(['plan']);
  });

  it('leaves r untouched where it fits as it is', () => {
    setKnob('num_experts', 1);
    setKnob('group_size', 1);
    matchMethod('lora');
    expect(setupStore.getState().touched).toEqual({ method: 'lora', num_experts: 1, group_size: 1 });
    expect(sentence()).toMatch(/^LoRA now trains [\d,]+ weights, exactly as many as MASA did: r stays 8\.$/);
  });

  it('says that r cannot be smaller where the budget is out of reach', () => {
    setKnob('method', 'lora');
    setKnob('r', 1);
    matchMethod('lora_moe');
    expect(sentence()).toMatch(/% more than LoRA did: r stays 1\. r cannot be smaller\.$/);
  });

  it('can be undone, also what was touched before', () => {
    setKnob('r', 5);
    const { touched } = setupStore.getState();
    matchMethod('hydralora');
    expect(setupStore.getState().touched).not.toEqual(touched);
    undoMatch();
    expect(setupStore.getState().touched).toEqual(touched);
    expect(sentence()).toBeUndefined();
  });

  it('is of the past as soon as something else is set', () => {
    matchMethod('hydralora');
    setKnob('max_steps', 7);
    expect(sentence()).toBeUndefined();
    undoMatch();
    expect(currentSettings().values).toMatchObject({ method: 'hydralora', max_steps: 7 });
  });

  it('does nothing to the chosen method, with a setting out of range, or without a model', () => {
    matchMethod('masa');
    setKnob('r', 0);
    matchMethod('lora');
    setKnob('r', undefined);
    setupStore.setState({ model: NOTHING_CHOSEN.model });
    matchMethod('lora');
    expect(setupStore.getState()).toMatchObject({ touched: {}, matched: undefined });
  });
});
