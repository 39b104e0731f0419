import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { metricsChanged, MetricsLog, metricsVersion } from '../../src/state/metrics';

function point(step: number) {
  return { step, loss: 1 / step, learning_rate: 1e-3, grad_norm: 1, tokens: 10, seconds: 0.5 };
}

describe('the log of a run', () => {
  it('holds more steps than it was made for', () => {
    const log = new MetricsLog();
    for (let step = 1; step <= 1000; step++) log.push(point(step));
    expect(log.length).toBe(1000);
    expect(log.column('step')[999]).toBe(1000);
    expect(log.column('loss')[499]).toBe(1 / 500);
  });

  it('holds what routers did where the method has some', () => {
    const log = new MetricsLog();
    expect(log.hasRouters).toBe(false);
    log.push(point(1));
    expect(log.hasRouters).toBe(false);
    log.clear();
    const routing = { router_entropy: 0.6, router_load: 0.7, router_aux_loss: 1.1, router_aux_balanced: 1 };
    log.push({ ...point(1), ...routing });
    expect(log.hasRouters).toBe(true);
    for (const [name, value] of Object.entries(routing)) {
      expect(Array.from(log.column(name as keyof typeof routing))).toEqual([value]);
    }
  });

  it('holds a column for each expert, from the step on that has loads', () => {
    const log = new MetricsLog();
    log.push(point(1));
    expect(log.expertLoads).toEqual([]);
    for (let step = 2; step <= 600; step++)
      log.push({ ...point(step), expert_load: [1 / step, 1 - 1 / step] });
    const [first, second] = log.expertLoads;
    expect(log.expertLoads).toHaveLength(2);
    expect(first).toHaveLength(600);
    expect([first![0], first![1], first![599]]).toEqual([NaN, 1 / 2, 1 / 600]);
    expect(second![599]).toBe(1 - 1 / 600);
    const copy = log.copy();
    log.rewind(2);
    expect(log.expertLoads.map((values) => [...values])).toEqual([
      [NaN, 0.5],
      [NaN, 0.5],
    ]);
    log.push(point(3));
    expect(log.expertLoads[0]![2]).toBeNaN();
    log.clear();
    expect(log.expertLoads).toEqual([]);
    expect(copy.expertLoads[1]![599]).toBe(1 - 1 / 600);
  });

  it('forgets what came after the step at which a run resumes', () => {
    const log = new MetricsLog();
    for (let step = 1; step <= 20; step++) log.push(point(step));
    log.pushValidation(0, 3);
    log.pushValidation(10, 2);
    log.pushValidation(20, 1);
    log.rewind(10);
    expect(log.length).toBe(10);
    expect(log.validation).toEqual([
      { step: 0, loss: 3 },
      { step: 10, loss: 2 },
    ]);
  });

  it('is empty after it was cleared', () => {
    const log = new MetricsLog();
    log.push(point(1));
    log.pushValidation(0, 3);
    log.clear();
    expect(log.length).toBe(0);
    expect(log.validation).toEqual([]);
  });
});

describe('the version of the metrics', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('rises at most once in a tenth of a second, and once more after the last change', () => {
    vi.advanceTimersByTime(1000);
    const rises: number[] = [];
    const unsubscribe = metricsVersion.subscribe(() => rises.push(performance.now()));
    for (let millisecond = 0; millisecond < 950; millisecond++) {
      metricsChanged();
      vi.advanceTimersByTime(1);
    }
    const last = performance.now();
    vi.advanceTimersByTime(1000);
    unsubscribe();
    expect(rises).toHaveLength(11);
    rises.slice(1).forEach((time, index) => {
      expect(time - rises[index]!).toBeGreaterThanOrEqual(100);
    });
    expect(rises.at(-1)).toBeGreaterThanOrEqual(last);
  });
});
