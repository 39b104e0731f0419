import { describe, expect, it } from 'vitest';
import { settingsFromText, settingsToText } from '../../src/storage/settings';

describe('settings that the browser keeps', () => {
  it('are those that do not change the result of a run; the address has the others', () => {
    expect(settingsToText({ eval_steps: 5, r: 2 })).toBe('eval_steps=5');
    expect(settingsFromText('eval_steps=5&r=2')).toEqual({ eval_steps: 5 });
  });

  it('skip what nobody understands', () => {
    expect(settingsFromText('save_steps=3&flux=9&eval_steps=often')).toEqual({ save_steps: 3 });
  });

  it('are nothing where nothing was touched', () => {
    expect(settingsToText({})).toBe('');
    expect(settingsFromText('')).toEqual({});
  });
});
