import { describe, expect, it } from 'vitest';
import { defaultRunConfig } from '../../src/config/defaults';
import { COMMANDS, commandOf, findCommands, type Press } from '../../src/state/commands';
import { fits, smallerSettings } from '../../src/state/fit';
import { estimateSeconds, positionsPerStep } from '../../src/state/pace';
import type { PlanInfo } from '../../src/worker/protocol';

const press = (key: string, more: Partial<Press> = {}): Press => ({
  key,
  ctrlKey: false,
  metaKey: false,
  shiftKey: false,
  altKey: false,
  ...more,
});

describe('commands', () => {
  it('have ids and keys of their own', () => {
    const ids = COMMANDS.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    const keys = COMMANDS.flatMap(({ shortcut }) => shortcut ?? []);
    expect(new Set(keys).size).toBe(keys.length);
  });

  it.each([
    [press(' '), 'run'],
    [press('s'), 'step'],
    [press('r'), 'reset'],
    [press('?', { shiftKey: true }), 'keys'],
    [press('2'), 'method.masa'],
    [press('k', { ctrlKey: true }), 'palette'],
    [press('k', { metaKey: true }), 'palette'],
    [press('z', { ctrlKey: true }), 'undo'],
    [press('Z', { ctrlKey: true, shiftKey: true }), 'redo'],
    [press('s', { ctrlKey: true }), undefined], // the browser's own
    [press('S', { shiftKey: true }), undefined],
    [press('e', { altKey: true }), undefined],
  ])('are found by their key %#', (key, id) => {
    expect(commandOf(key)?.id).toBe(id);
  });

  it('are found by words, beginnings and letters in their order, in that order', () => {
    const labels = (text: string) => findCommands(text, COMMANDS).map(({ label }) => label);
    expect(labels('')).toHaveLength(COMMANDS.length);
    expect(labels('undo')[0]).toBe('Undo');
    expect(labels('expt ada')[0]).toBe('Export the adapter');
    expect(labels('zzzz')).toEqual([]);
  });
});

describe('smaller settings', () => {
  const values = { ...defaultRunConfig(4), per_device_train_batch_size: 6, gradient_accumulation_steps: 2 };

  it('cost nothing first, keep the rows of a step while they can, and end at the least', () => {
    const rounds = smallerSettings(values).map((change) => ({ ...values, ...change }));
    expect(rounds[0]).toEqual({ ...values, gradient_checkpointing: 'on' });
    const rows = rounds
      .filter(({ max_length, r }) => max_length === values.max_length && r === values.r)
      .map((run) => run.per_device_train_batch_size * run.gradient_accumulation_steps);
    expect(new Set(rows)).toEqual(new Set([12]));
    expect(rounds.at(-1)).toMatchObject({ per_device_train_batch_size: 1, max_length: 32, r: 1 });
    expect(rounds.at(-1)!.lora_alpha / rounds.at(-1)!.r).toBe(values.lora_alpha / values.r);
  });

  it('fit where the largest buffer does', () => {
    const plan = (bytes: number) => ({ largest: { name: 'a', bytes, limit: 10 } }) as PlanInfo;
    expect([fits(plan(10)), fits(plan(11))]).toEqual([true, false]);
  });
});

describe('the time of a run', () => {
  const run = defaultRunConfig(4);
  const pace = { model: 'm', method: run.method, secondsPerPosition: 1e-3 };

  it('grows with its tokens, and is not guessed from another model or method', () => {
    expect(estimateSeconds(pace, 'm', run)).toBeCloseTo(1e-3 * positionsPerStep(run) * run.max_steps, 9);
    expect(estimateSeconds(pace, 'other', run)).toBeUndefined();
    expect(estimateSeconds({ ...pace, method: 'lora' }, 'm', run)).toBeUndefined();
    expect(estimateSeconds(undefined, 'm', run)).toBeUndefined();
  });
});
