import { describe, expect, it } from 'vitest';
import {
  columnEdges,
  nearestIndex,
  reduceToColumns,
  runningSum,
  smooth,
  valueAt,
} from '../../src/state/series';
import { randomValues } from '../support/random';

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
    expect(
      reduceToColumns(steps.subarray(0, 5), steps.subarray(0, 5), columnEdges(1, 5, 100, false)),
    ).toEqual([0, 1, 2, 3, 4]);
  });

  it('draws no more than two points a column and the two ends', () => {
    const values = steps.map((step) => Math.sin(step * 12.9898));
    const kept = reduceToColumns(steps, values, columnEdges(1, 10_000, 300, false));
    expect(kept.length).toBeLessThanOrEqual(602);
    expect(kept[0]).toBe(0);
    expect(kept.at(-1)).toBe(9999);
    expect(kept).toEqual([...kept].sort((a, b) => a - b));
    expect(new Set(kept).size).toBe(kept.length);
  });

  it('keeps the lowest and the highest value of every column', () => {
    const columns = 40;
    const values = steps.map((step) => Math.sin(step * 12.9898) * step);
    const kept = new Set(reduceToColumns(steps, values, columnEdges(1, 10_000, columns, false)));
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
    expect(reduceToColumns(steps, values, columnEdges(1, 10_000, 20, false))).toContain(6789);
  });

  it('keeps every spike of random series, on both kinds of axis', () => {
    const numbers = randomValues(2_000_000, 11, 0.5);
    let drawn = 0;
    const random = () => (numbers[drawn++ % numbers.length] ?? 0) + 0.5;
    for (let round = 0; round < 60; round++) {
      const count = 1000 + Math.floor(random() * 20_000);
      let at = 0;
      const x = Float64Array.from({ length: count }, () => (at += 0.01 + random()));
      const values = x.map(() => 1 + random());
      const columns = 50 + Math.floor(random() * 430);
      const log = round % 2 === 1;
      const edges = columnEdges(x[0]!, x.at(-1)!, columns, log);
      // One to a column: of two in one column only the higher can be seen.
      const spikes = new Map<number, number>();
      for (let number = 0; number < 30; number++) {
        const index = Math.floor(random() * count);
        const column = edges.findLastIndex((edge) => edge <= x[index]!);
        if (!spikes.has(column)) spikes.set(column, index);
      }
      for (const index of spikes.values()) values[index] = random() < 0.5 ? 50 + random() : -50 - random();
      const kept = reduceToColumns(x, values, edges);
      expect(kept.length).toBeLessThanOrEqual(2 * columns + 2);
      const found = new Set(kept);
      expect([...spikes.values()].filter((index) => !found.has(index))).toEqual([]);
    }
  });

  it('shows one gap a column where values are not numbers', () => {
    const values = new Float64Array(10_000).fill(1);
    values.fill(NaN, 100, 9000);
    const kept = reduceToColumns(steps, values, columnEdges(1, 10_000, 20, false));
    const inside = kept.filter((index) => index >= 100 && index < 9000);
    expect(inside.length).toBeGreaterThan(0);
    expect(inside.length).toBeLessThanOrEqual(20);
  });

  it('copes with points that all lie at one position', () => {
    const same = new Float64Array(1000).fill(7);
    const kept = reduceToColumns(same, steps.subarray(0, 1000), columnEdges(7, 7, 10, false));
    expect(kept).toContain(0);
    expect(kept).toContain(999);
  });
});

describe('looking up a series', () => {
  const x = Float64Array.of(1, 2, 4);
  const values = Float64Array.of(10, 20, 40);

  it('finds the nearest point', () => {
    expect([0, 1, 1.4, 1.6, 3.1, 9].map((at) => nearestIndex(x, at))).toEqual([0, 0, 0, 1, 2, 2]);
    expect(nearestIndex(new Float64Array(), 1)).toBe(-1);
  });

  it('reads between two points, and nothing outside of all', () => {
    expect([1, 3, 4].map((at) => valueAt(x, values, at))).toEqual([10, 30, 40]);
    expect([0.9, 4.1].map((at) => valueAt(x, values, at))).toEqual([NaN, NaN]);
  });

  it('adds up what is finite', () => {
    expect([...runningSum(Float64Array.of(1, NaN, 2))]).toEqual([1, 1, 3]);
  });
});
