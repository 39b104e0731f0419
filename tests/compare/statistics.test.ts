import { expect, test } from 'vitest';
import { pairedDifference, spreadOf, tQuantile } from '../../src/compare/statistics';

const bySeed = (values: readonly number[]) => new Map(values.map((value, seed) => [seed, value]));

test('the quantiles of Student’s t are those of scipy', () => {
  // scipy 1.17.1: scipy.stats.t.ppf(0.975, dof)
  const wanted: [dof: number, t: number][] = [
    [1, 12.706204736174694],
    [2, 4.302652729749462],
    [3, 3.1824463052837078],
    [4, 2.7764451051977934],
    [9, 2.262157162798205],
    [29, 2.045229642132703],
    [100, 1.9839715185235518],
    [101, 1.983731002955606],
  ];
  // Both are float64 evaluations of one number: a few units of the last place, with room for 26.7.3's sum.
  for (const [dof, t] of wanted) expect(Math.abs(tQuantile(dof) / t - 1)).toBeLessThan(1e-12);
});

test('mean, sample standard deviation and range', () => {
  expect(spreadOf([2, 4, 4, 6])).toEqual({ n: 4, mean: 4, sd: Math.sqrt(8 / 3), min: 2, max: 6 });
  expect(spreadOf([3])).toEqual({ n: 1, mean: 3, sd: null, min: 3, max: 3 });
  expect(spreadOf([])).toBeNull();
});

test('paired differences have the interval of scipy', () => {
  // scipy.stats.ttest_rel(a, b).confidence_interval(0.95), (a − b).mean() and (a − b).std(ddof=1) in numpy
  const a = bySeed([1.52, 1.47, 1.61, 1.58]);
  const b = bySeed([1.61, 1.5, 1.66, 1.72]);
  const difference = pairedDifference(a, b)!;
  expect(difference.mean).toBeCloseTo(-0.07749999999999996, 14);
  expect(difference.sd).toBeCloseTo(0.048562674281111544, 14);
  expect(difference.ci?.[0]).toBeCloseTo(-0.15477405167030972, 12);
  expect(difference.ci?.[1]).toBeCloseTo(-0.00022594832969018153, 12);
});

test('only seeds that both have are paired', () => {
  const a = new Map([
    [1, 5],
    [2, 7],
  ]);
  expect(pairedDifference(a, new Map([[2, 4]]))).toEqual({
    n: 1,
    mean: 3,
    sd: null,
    min: 3,
    max: 3,
    ci: null,
  });
  expect(pairedDifference(a, new Map([[3, 4]]))).toBeNull();
});
