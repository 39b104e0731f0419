import { describe, expect, test } from 'vitest';
import { newRun, resumedRun, softwareRemark } from '../../src/cli/settings';
import { defaultRunConfig } from '../../src/config/defaults';

const stepTokens = (run: ReturnType<typeof newRun>) =>
  run.per_device_train_batch_size * run.gradient_accumulation_steps * run.max_length;

describe('settings of a new run', () => {
  test('on a GPU are the defaults and what was chosen', () => {
    expect(newRun({ r: 4 }, 6, false)).toEqual({ ...defaultRunConfig(6), r: 4 });
  });

  test.each([
    {},
    { max_length: 128 },
    { gradient_accumulation_steps: 8 },
    { per_device_train_batch_size: 8 },
    { per_device_train_batch_size: 2, max_length: 100 },
  ])('on a software adapter make steps of at most 256 tokens beside %j', (chosen) => {
    const run = newRun(chosen, 6, true);
    expect(run).toMatchObject(chosen);
    expect(stepTokens(run)).toBeLessThanOrEqual(256);
    expect(stepTokens(run)).toBeGreaterThan(128);
  });

  test('are never lowered where they were chosen', () => {
    const chosen = { max_length: 256, gradient_accumulation_steps: 4, per_device_train_batch_size: 2 };
    expect(newRun(chosen, 6, true)).toMatchObject(chosen);
  });

  test('that a software adapter lowered are named', () => {
    expect(softwareRemark(newRun({}, 6, true), newRun({}, 6, false))).toBe(
      'This is a software adapter, so the default step is small: max_length 64 instead of 256.',
    );
    const chosen = { max_length: 64 };
    expect(softwareRemark(newRun(chosen, 6, true), newRun(chosen, 6, false))).toBeUndefined();
  });
});

describe('settings of a resumed run', () => {
  const snapshot = { run: newRun({ r: 4, max_steps: 10 }, 6, false), step: 10 };
  const earlier = { path: 'out', snapshot };

  test('are those of the snapshot, with a later end', () => {
    expect(resumedRun({ max_steps: 20 }, earlier, 6)).toEqual({ ...snapshot.run, max_steps: 20 });
    expect(resumedRun({ max_steps: 20, r: 4 }, earlier, 6).r).toBe(4);
  });

  test('that would make another run are refused', () => {
    expect(() => resumedRun({ max_steps: 20, r: 8 }, earlier, 6)).toThrow(
      'r: the run in out was started with 4, not 8; leave the flag out to resume it',
    );
    expect(() => resumedRun({ max_steps: 20, target_modules: ['q_proj'] }, earlier, 6)).toThrow(
      'target_modules: the run in out was started with q_proj,k_proj',
    );
  });

  test('have to leave something to do', () => {
    expect(() => resumedRun({}, earlier, 6)).toThrow('has done 10 steps already; give more than 10');
  });
});
