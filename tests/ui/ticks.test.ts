import { describe, expect, it } from 'vitest';
import { logTicks, niceTicks, within } from '../../src/ui/charts/ticks';

describe('ticks of an axis', () => {
  it('are round numbers around the range', () => {
    expect(niceTicks(0.27, 6.93, 5)).toEqual([0, 2, 4, 6, 8]);
    expect(niceTicks(0, 0.005, 5)).toEqual([0, 0.002, 0.004, 0.006]);
    expect(niceTicks(1.02, 1.29, 5)).toEqual([1, 1.1, 1.2, 1.3]);
    expect(niceTicks(230, 470, 4)).toEqual([200, 300, 400, 500]);
  });

  it('differ, however narrow the range', () => {
    for (const [min, max] of [
      [31.491478776332663, 31.491478776332666],
      [5, 5],
      [0, 0],
      [-3, -3],
      [1e-9, 2e-9],
    ] as const) {
      const ticks = niceTicks(min, max, 5);
      expect(new Set(ticks).size).toBe(ticks.length);
      expect(ticks.length).toBeGreaterThanOrEqual(2);
      expect(ticks.length).toBeLessThanOrEqual(12);
    }
  });

  it('exist where there is nothing to show', () => {
    expect(niceTicks(Infinity, -Infinity, 5)).toEqual([0, 1]);
  });
});

describe('ticks of a logarithmic axis', () => {
  it('are powers of ten, with steps between them where there is room', () => {
    expect(logTicks(0.02, 900, 6)).toEqual([0.01, 0.1, 1, 10, 100, 1000]);
    expect(logTicks(1, 400, 9)).toEqual([1, 2, 5, 10, 20, 50, 100, 200, 500]);
    expect(logTicks(1e-9, 1e9, 4).length).toBeLessThanOrEqual(6);
  });

  it('are even in a narrow range, and never at zero', () => {
    expect(logTicks(1.6, 2.4, 5)).toEqual(niceTicks(1.6, 2.4, 5));
    for (const [min, max] of [
      [0.5, 1.9],
      [0.9, 3.5],
      [5, 5],
      [1e-9, 3e-9],
    ] as const) {
      const ticks = logTicks(min, max, 4);
      expect(ticks[0]).toBeGreaterThan(0);
      expect(ticks[0]).toBeLessThanOrEqual(min);
      expect(ticks.at(-1)).toBeGreaterThanOrEqual(max);
      expect(ticks).toEqual([...new Set(ticks)].sort((a, b) => a - b));
    }
  });

  it('exist where there is nothing to show', () => {
    expect(logTicks(Infinity, -Infinity, 5)).toEqual([1, 10]);
  });

  it('stay inside of fixed ends', () => {
    expect(within([0, 5, 10], 0, 9)).toEqual([0, 5]);
  });
});
