import { describe, expect, test } from 'vitest';
import { newRun, remarksOn, remarksOnResumed, resumedRun, type Surroundings } from '../../src/cli/settings';
import type { Snapshot } from '../../src/engine';
import { defaultRunConfig } from '../../src/config/defaults';

const stepTokens = (run: ReturnType<typeof newRun>) =>
  run.per_device_train_batch_size * run.gradient_accumulation_steps * run.max_length;

const gpu: Surroundings = { layers: 6, maxPositions: 512, software: false };
const processor: Surroundings = { ...gpu, software: true };

describe('settings of a new run', () => {
  test('on a GPU are the defaults and what was chosen', () => {
    expect(newRun({ r: 4 }, gpu)).toEqual({ ...defaultRunConfig(6), r: 4 });
  });

  test.each([
    {},
    { max_length: 128 },
    { gradient_accumulation_steps: 8 },
    { per_device_train_batch_size: 8 },
    { per_device_train_batch_size: 2, max_length: 100 },
  ])('on a software adapter make steps of at most 256 tokens beside %j', (chosen) => {
    const run = newRun(chosen, processor);
    expect(run).toMatchObject(chosen);
    expect(stepTokens(run)).toBeLessThanOrEqual(256);
    expect(stepTokens(run)).toBeGreaterThan(128);
  });

  test('are never lowered where they were chosen', () => {
    const chosen = { max_length: 256, gradient_accumulation_steps: 4, per_device_train_batch_size: 2 };
    expect(newRun(chosen, processor)).toMatchObject(chosen);
  });

  test('are no longer than the model was made for, unless they were chosen', () => {
    const short = { ...gpu, maxPositions: 100 };
    expect(newRun({}, short).max_length).toBe(100);
    const chosen = newRun({ max_length: 200 }, short);
    expect(chosen.max_length).toBe(200);
    expect(remarksOn(chosen, { max_length: 200 }, short)).toEqual([
      'max_length 200 is more than the 100 positions that the model was made for.',
    ]);
    expect(stepTokens(newRun({}, { ...short, maxPositions: 8, software: true }))).toBe(32);
  });

  test('that a software adapter lowered are named', () => {
    expect(remarksOn(newRun({}, processor), {}, processor)).toEqual([
      'This is a software adapter, so the default step is small: gradient_accumulation_steps 1 instead of 4.',
    ]);
    const chosen = { max_length: 64 };
    expect(remarksOn(newRun(chosen, processor), chosen, processor)).toEqual([]);
    expect(remarksOn(newRun({}, gpu), {}, gpu)).toEqual([]);
  });
});

describe('settings of a resumed run', () => {
  const snapshot = { run: newRun({ r: 4, max_steps: 10 }, gpu), step: 10 };
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

  test('are remarked on where they change what is yet to come', () => {
    const { run } = snapshot;
    const before = { run, gpu: 'A' } as Snapshot;
    expect(remarksOnResumed(run, before, 'A')).toEqual([]);
    expect(remarksOnResumed({ ...run, max_steps: 20 }, before, 'B')).toEqual([
      'The learning rate now falls to zero at step 20 instead of 10.',
      'The run was begun on A: here it goes on with other rounding.',
    ]);
  });
});
