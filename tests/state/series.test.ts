import { describe, expect, it } from 'vitest';
import { reduceToColumns, smooth } from '../../src/state/series';

describe('smoothing', () => {
  it('returns the values themselves at weight 0', () => {
    expect([...smooth(Float64Array.of(3, 1, 2), 0)]).toEqual([3, 1, 2]);
  });

  it('starts at the first value instead of near zero', () => {
    expect(smooth(Float64Array.of(5, 1), 0.9)[0]).toBeCloseTo(5, 12);
  });

  it('follows the de-biased moving average', () => {
    // By hand for w = 0.5: m = 2, then 0.5·2 + 0.5·6 = 4; divided by 1 − 0.5 and 1 − 0.25.
    const [first, second] = smooth(Float64Array.of(4, 6), 0.5);
    expect(first).toBeCloseTo(4, 12);
    expect(second).toBeCloseTo(4 / 0.75, 12);
  });

  it('leaves a constant alone', () => {
    for (const value of smooth(new Float64Array(50).fill(2.5), 0.97)) expect(value).toBeCloseTo(2.5, 12);
  });

  it('passes over a value that is not a number without spoiling what follows', () => {
    const smoothed = smooth(Float64Array.of(1, NaN, 1), 0.6);
    expect(smoothed[1]).toBeNaN();
    expect(smoothed[2]).toBeCloseTo(1, 12);
  });
});

describe('reduction to pixel columns', () => {
  const steps = Float64Array.from({ length: 10_000 }, (_, index) => index + 1);

  it('keeps every point where there are few', () => {
    expect(reduceToColumns(steps.subarray(0, 5), steps.subarray(0, 5), 100)).toEqual([0, 1, 2, 3, 4]);
  });

  it('draws no more than two points a column and the two ends', () => {
    const values = steps.map((step) => Math.sin(step * 12.9898));
    const kept = reduceToColumns(steps, values, 300);
    expect(kept.length).toBeLessThanOrEqual(602);
    expect(kept[0]).toBe(0);
    expect(kept.at(-1)).toBe(9999);
    expect(kept).toEqual([...kept].sort((a, b) => a - b));
    expect(new Set(kept).size).toBe(kept.length);
  });

  it('keeps the lowest and the highest value of every column', () => {
    const columns = 40;
    const values = steps.map((step) => Math.sin(step * 12.9898) * step);
    const kept = new Set(reduceToColumns(steps, values, columns));
    const width = 9999 / columns;
    for (let column = 0; column < columns; column++) {
      const inside = [...steps.keys()].filter(
        (index) => Math.min(columns - 1, Math.floor(index / width)) === column,
      );
      const sorted = inside.toSorted((a, b) => values[a]! - values[b]!);
      expect(kept.has(sorted[0]!)).toBe(true);
      expect(kept.has(sorted.at(-1)!)).toBe(true);
    }
  });

  it('never loses a single spike', () => {
    const values = new Float64Array(10_000);
    values[6789] = 100;
    expect(reduceToColumns(steps, values, 20)).toContain(6789);
  });

  it('leaves out values that are not numbers', () => {
    const values = new Float64Array(10_000).fill(1);
    values.fill(NaN, 100, 9000);
    expect(reduceToColumns(steps, values, 20).filter((index) => index >= 100 && index < 9000)).toEqual([]);
  });

  it('copes with points that all lie at one position', () => {
    const same = new Float64Array(1000).fill(7);
    const kept = reduceToColumns(same, steps.subarray(0, 1000), 10);
    expect(kept).toContain(0);
    expect(kept).toContain(999);
  });
});
