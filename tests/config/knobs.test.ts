import { describe, expect, expectTypeOf, test } from 'vitest';
import { defaultRunConfig, knobDefault } from '../../src/config/defaults';
import { UserError } from '../../src/config/errors';
import type { KnobKey } from '../../src/config/knob';
import { KNOB_KEYS, knob, KNOBS } from '../../src/config/knobs';
import { MODULES } from '../../src/config/modules';
import type { RunConfig } from '../../src/config/runConfig';
import { parseKnobText, validateRunConfig } from '../../src/config/validate';

function errorOf(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    expect(error).toBeInstanceOf(UserError);
    return (error as UserError).message;
  }
  throw new Error('nothing was refused');
}
const validate = (settings: object, layers = 8) => validateRunConfig(settings, { layers });

describe('the knob table', () => {
  test('has exactly the keys of a run', () => {
    expectTypeOf<keyof typeof KNOBS>().toEqualTypeOf<keyof RunConfig>();
    expect(new Set(KNOB_KEYS)).toEqual(new Set(Object.keys(defaultRunConfig(4))));
  });

  test.each(KNOB_KEYS)('%s has a hint that is a sentence and a default that it accepts itself', (key) => {
    expect(knob(key).hint).toMatch(/^[A-Z0].*[.]$/s);
    expect(validate({ [key]: knobDefault(key, { layers: 1 }) }, 1)[key]).toEqual(
      knobDefault(key, { layers: 1 }),
    );
  });

  test.each(KNOB_KEYS)('%s has a slider inside its range and around its default', (key) => {
    const row = knob(key);
    if (row.kind !== 'integer' && row.kind !== 'number') return;
    const layers = 8;
    const [low, high] = row.slider.map((end) => (end === 'layers' ? layers : end));
    expect(row.default).toBeGreaterThanOrEqual(low!);
    expect(row.default).toBeLessThanOrEqual(high!);
    expect(validate({ [key]: low })[key]).toBe(low);
    expect(validate({ [key]: high })[key]).toBe(high);
    if (row.scale === 'log') expect(low).toBeGreaterThan(0);
  });
});

describe('defaults', () => {
  test('are those of the architecture', () => {
    expect(defaultRunConfig(8)).toMatchObject({
      method: 'masa',
      num_experts: 2,
      group_size: 2,
      r: 8,
      lora_alpha: 16,
      lora_dropout: 0,
      dropout_mode: 'shared',
      target_modules: MODULES,
      learning_rate: 2e-4,
      lr_scheduler_type: 'cosine',
      per_device_train_batch_size: 1,
      gradient_accumulation_steps: 4,
      max_length: 256,
      weight_decay: 0,
      max_grad_norm: 1,
      seed: 42,
    });
  });

  test('ask a software adapter for at most 256 tokens a step', () => {
    const { per_device_train_batch_size, gradient_accumulation_steps, max_length } = defaultRunConfig(
      8,
      true,
    );
    expect(per_device_train_batch_size * gradient_accumulation_steps * max_length).toBeLessThanOrEqual(256);
    expect(validateRunConfig({}, { layers: 8, software: true })).toEqual(defaultRunConfig(8, true));
  });

  test('a model of one layer gets groups of one layer', () => {
    expect(defaultRunConfig(1).group_size).toBe(1);
  });
});

describe('validation', () => {
  test('fills what is missing with the defaults', () => {
    expect(validate({})).toEqual(defaultRunConfig(8));
    expect(validate({ r: 4, seed: undefined })).toEqual({ ...defaultRunConfig(8), r: 4 });
  });

  const refusals: [object, RegExp][] = [
    [{ num_experts: 0 }, /^num_experts: 0 is too small; give a whole number from 1 to 64\.$/],
    [{ num_experts: 0, method: 'lora' }, /^num_experts: 0 /],
    [{ group_size: 0 }, /^group_size: 0 is too small/],
    [
      { group_size: 9 },
      /^group_size: 9 is more than the model’s 8 layers; give a whole number from 1 to 8\.$/,
    ],
    [{ group_size: 9, method: 'lora' }, /^group_size: 9 /],
    [{ r: 0 }, /^r: 0 is too small/],
    [{ r: 2.5 }, /^r: 2\.5 is not a whole number/],
    [{ r: '8' }, /^r: "8" is not a number; give a whole number, for example 8\.$/],
    [{ lora_alpha: 0 }, /^lora_alpha: 0 is too small; give a number above 0/],
    [{ lora_dropout: 1 }, /^lora_dropout: 1 is too large; give a number from 0 to below 1\.$/],
    [{ lora_dropout: -0.1 }, /^lora_dropout: -0\.1 is too small/],
    [
      { dropout_mode: 'both' },
      /^dropout_mode: "both" is not one of its values; give one of shared, per_expert/,
    ],
    [{ learning_rate: NaN }, /^learning_rate: NaN is not a number/],
    [{ learning_rate: Infinity }, /^learning_rate: Infinity is not a number/],
    [{ learning_rate: -1e-4 }, /^learning_rate: -0\.0001 is too small/],
    [{ max_steps: 0 }, /^max_steps: 0 /],
    [{ max_length: null }, /^max_length: null is not a number/],
    [{ method: 'toString' }, /^method: "toString" is not one of its values; give one of lora, masa/],
    [
      { target_modules: ['q_proj', 'lm_head'] },
      /^target_modules: there is no module "lm_head"; .*all-linear/,
    ],
    [{ target_modules: [] }, /^target_modules: no module is named/],
    [{ target_modules: '' }, /^target_modules: no module is named/],
    [{ target_modules: 7 }, /^target_modules: 7 is not a list of modules/],
    [{ lora_r: 8 }, /^lora_r: there is no such setting; .*num_experts/],
  ];
  test.each(refusals)('refuses %o by name', (settings, message) => {
    expect(errorOf(() => validate(settings))).toMatch(message);
  });

  test.each([
    ['all-linear', MODULES],
    ['v_proj, q_proj', ['q_proj', 'v_proj']],
    [
      ['down_proj', 'q_proj', 'q_proj'],
      ['q_proj', 'down_proj'],
    ],
  ])('reads the modules %o', (value, expected) => {
    expect(validate({ target_modules: value }).target_modules).toEqual(expected);
  });
});

describe('settings as text', () => {
  test.each<[string, string, KnobKey, unknown]>([
    ['learning-rate', '2e-4', 'learning_rate', 2e-4],
    ['r', ' 16 ', 'r', 16],
    ['lora_dropout', '.1', 'lora_dropout', 0.1],
    ['method', 'lora', 'method', 'lora'],
    ['target_modules', 'q_proj,v_proj', 'target_modules', ['q_proj', 'v_proj']],
  ])('--%s %s', (flag, text, key, value) => {
    expect(parseKnobText(flag, text)).toEqual({ key, value });
  });

  test.each([
    ['r', 'eight'],
    ['r', ''],
    ['r', '0x10'],
    ['learning_rate', '1e'],
    ['method', 'dora'],
    ['target_modules', 'q'],
    ['rank', '8'],
  ])('refuses --%s %o', (flag, text) => {
    expect(errorOf(() => parseKnobText(flag, text))).toMatch(new RegExp(`^${flag}: `));
  });

  test('every default survives the way through text', () => {
    for (const key of KNOB_KEYS) {
      const value = knobDefault(key, { layers: 8 });
      const text = Array.isArray(value) ? value.join(',') : String(value);
      expect(parseKnobText(key, text).value).toEqual(value);
    }
  });
});
