import { describe, expect, it } from 'vitest';
import { settingsFrom, settingsToAddress } from '../../src/storage/settings';

describe('settings in the address', () => {
  it('come back as they were', () => {
    const touched = {
      method: 'lora',
      r: 4,
      learning_rate: 0.002,
      target_modules: ['q_proj', 'v_proj'],
    } as const;
    const address = settingsToAddress(touched);
    expect(address).toBe('method=lora&r=4&target_modules=q_proj,v_proj&learning_rate=0.002');
    expect(settingsFrom(address, '')).toEqual(touched);
  });

  it('leave out what does not change the result of a run', () => {
    expect(settingsToAddress({ eval_steps: 5, r: 2 })).toBe('r=2');
    expect(settingsFrom('eval_steps=5', '')).toEqual({});
    expect(settingsFrom('', 'eval_steps=5&r=2')).toEqual({ eval_steps: 5 });
  });

  it('skip what an old link says that nobody understands', () => {
    expect(settingsFrom('r=3&flux=9&method=other&lora_alpha=much', '')).toEqual({ r: 3 });
  });

  it('are nothing where nothing was touched', () => {
    expect(settingsToAddress({})).toBe('');
    expect(settingsFrom('', '')).toEqual({});
  });
});
