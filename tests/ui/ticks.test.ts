import { describe, expect, it } from 'vitest';
import { niceTicks } from '../../src/ui/charts/ticks';

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
