import { describe, expect, it } from 'vitest';
import { defaultRunConfig } from '../../src/config/defaults';
import { presetFor } from '../../src/config/presets';
import { validateRunConfig } from '../../src/config/validate';

describe('presets', () => {
  it('are valid settings for the bundled models and their task', () => {
    for (const model of ['world', 'world-small']) {
      const preset = presetFor(model, 'clerk-train.jsonl');
      expect(Object.keys(preset)).not.toEqual([]);
      validateRunConfig({ ...defaultRunConfig(8), ...preset }, { layers: 8 });
    }
  });

  it('leave other models and other data alone', () => {
    expect(presetFor('world', 'mine.jsonl')).toEqual({});
    expect(presetFor('mine', 'clerk-train.jsonl')).toEqual({});
    expect(presetFor(undefined, undefined)).toEqual({});
  });
});
