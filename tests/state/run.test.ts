import { describe, expect, it } from 'vitest';
import { isActive, nextStatus, type RunStatus } from '../../src/state/run';

const runId = 1;
const point = { step: 7, loss: 1, learning_rate: 1, grad_norm: 1, tokens: 1, seconds: 1 };

describe('the status of a run', () => {
  it('goes from loading over compiling and running to done', () => {
    let status: RunStatus = { phase: 'idle' };
    status = nextStatus(status, { type: 'loading', runId, done: 1, total: 2 });
    expect(status).toEqual({ phase: 'loading', done: 1, total: 2 });
    status = nextStatus(status, { type: 'compiling', runId, done: 3, total: 9 });
    expect(status).toEqual({ phase: 'compiling', done: 3, total: 9 });
    status = nextStatus(status, { type: 'running', runId, step: 0 });
    status = nextStatus(status, { type: 'step', runId, point });
    expect(status).toEqual({ phase: 'running', step: 7 });
    status = nextStatus(status, { type: 'done', runId, step: 7, stopped: false });
    expect(status).toEqual({ phase: 'done', step: 7, stopped: false });
  });

  it('remembers over a step what was asked for, and forgets it when it has happened', () => {
    const asked: RunStatus = { phase: 'running', step: 6, asked: 'pause' };
    expect(nextStatus(asked, { type: 'step', runId, point })).toEqual({ ...asked, step: 7 });
    expect(nextStatus(asked, { type: 'paused', runId, step: 7 })).toEqual({ phase: 'paused', step: 7 });
  });

  it('is not changed by a step that arrives late', () => {
    const paused: RunStatus = { phase: 'paused', step: 7 };
    expect(nextStatus(paused, { type: 'step', runId, point })).toBe(paused);
  });

  it('is active exactly while the run holds the GPU or waits', () => {
    expect(isActive({ phase: 'idle' })).toBe(false);
    expect(isActive({ phase: 'loading', done: 0, total: 0 })).toBe(true);
    expect(isActive({ phase: 'paused', step: 1 })).toBe(true);
    expect(isActive({ phase: 'done', step: 1, stopped: true })).toBe(false);
    expect(isActive({ phase: 'failed', message: '', resumable: undefined })).toBe(false);
  });
});
