import { describe, expect, it, vi } from 'vitest';
import { RunControl } from '../../src/worker/runControl';

const waiting = (woken: Promise<void>) => woken;

describe('what is wanted of a run', () => {
  it('lets it rest until it is resumed', async () => {
    const control = new RunControl();
    control.pause();
    const ended = vi.fn();
    const rest = control.rest(waiting).then(ended);
    await Promise.resolve();
    expect([control.rests, ended.mock.calls.length]).toEqual([true, 0]);
    control.resume();
    await rest;
    expect([control.rests, control.isFree()]).toEqual([false, true]);
  });

  it.each(['stop', 'resume'] as const)(
    'does not let it rest where %s came before it rested',
    async (wish) => {
      const control = new RunControl();
      control.pause();
      control[wish]();
      await control.rest(waiting);
      expect(control.isStopping()).toBe(wish === 'stop');
    },
  );

  it('pauses again after a single step, which only a resting run takes', async () => {
    const control = new RunControl();
    control.step();
    control.stepped();
    expect(control.isPausing()).toBe(false);
    control.pause();
    const rest = control.rest(waiting);
    control.step();
    await rest;
    expect([control.isFree(), control.isSingle()]).toEqual([true, true]);
    control.stepped();
    expect(control.isPausing()).toBe(true);
  });

  it('rests no longer where the device was lost, and begins anew without old wishes', async () => {
    const control = new RunControl();
    control.pause();
    await expect(control.rest(() => Promise.reject(new Error('lost')))).rejects.toThrow('lost');
    expect(control.rests).toBe(false);
    control.stop();
    control.begin(false);
    expect([control.isFree(), control.isSingle()]).toEqual([true, false]);
  });
});
