import { describe, expect, it } from 'vitest';
import { assertClose, compare } from './compare';

describe('compare', () => {
  it('measures the largest difference, absolutely and against the largest expected value', () => {
    const result = compare([1, 2, -4.5], [1, 2.25, -4]);
    expect(result.maxAbs).toBe(0.5);
    expect(result.maxRel).toBe(0.125);
    expect(result.worst).toBe(2);
    expect(result.nonFinite).toBe(0);
  });

  it('normalises the squared error by the expected energy', () => {
    expect(compare([1, 0], [3, 4]).nmse).toBe((4 + 16) / 25);
  });

  it('calls equal tensors equal, also when they are all zero or empty', () => {
    expect(compare([0, 0], [0, 0])).toMatchObject({ maxAbs: 0, maxRel: 0, nmse: 0, nonFinite: 0 });
    expect(compare([], [])).toMatchObject({ maxAbs: 0, maxRel: 0, nmse: 0, nonFinite: 0 });
  });

  it('has an infinite relative error where zero was expected', () => {
    expect(compare([1e-30], [0])).toMatchObject({ maxRel: Infinity, nmse: Infinity });
  });

  it('counts NaN and infinities that do not match, apart from the finite places', () => {
    const result = compare([NaN, Infinity, 1, NaN, 2], [NaN, -Infinity, Infinity, 1, 2.5]);
    expect(result).toMatchObject({ nonFinite: 3, worst: 1, maxAbs: 0.5, maxRel: 0.2 });
  });

  it('refuses tensors of different lengths', () => {
    expect(() => compare([1], [1, 2])).toThrow(/1 values with 2/);
  });
});

describe('assertClose', () => {
  it('passes within every bound and returns the numbers', () => {
    expect(assertClose([1.5], [1], { maxAbs: 0.5, maxRel: 0.5, nmse: 0.25 }, 'x').maxAbs).toBe(0.5);
  });

  it('fails when any one bound is broken, naming the tensor, the place and the values', () => {
    expect(() => assertClose([0, 1.5], [0, 1], { maxAbs: 0.5, nmse: 0.2 }, 'dq')).toThrow(
      /dq: .*at 1 1\.5 instead of 1/,
    );
    expect(() => assertClose([1.5], [1], { maxRel: 0.4 }, 'dq')).toThrow();
  });

  it('fails on a NaN whatever the bounds', () => {
    expect(() => assertClose([NaN], [1], { maxAbs: Infinity }, 'dk')).toThrow(/dk/);
  });

  it('refuses to compare without a bound', () => {
    expect(() => assertClose([1], [1], {}, 'x')).toThrow(/no tolerance/);
  });
});
