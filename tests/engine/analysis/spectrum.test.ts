import { describe, expect, it } from 'vitest';
import {
  effectiveRank,
  expertSpectra,
  numericalRank,
  singularValues,
  spectrum,
} from '../../../src/engine/analysis/spectrum';
import type { Matrix } from '../../../src/engine/analysis/matrix';
import { multiplied, orthogonal, randomMatrix } from '../../support/matrices';

/** Digits that float64 keeps in a decomposition of these sizes. */
const DIGITS = 12;

/** U diag(values) Vᵀ with random orthonormal U [rows, k] and V [cols, k]. */
function withSpectrum(rows: number, cols: number, values: readonly number[]): Matrix {
  const k = values.length;
  const u = orthogonal(rows, 1, k);
  const scaled = { ...u, values: u.values.map((value, index) => value * values[index % k]!) };
  const v = orthogonal(cols, 2);
  return multiplied(scaled, { rows: k, cols, values: v.values.slice(0, k * cols) });
}

describe('the spectrum of features', () => {
  it.each([
    ['tall', 50, 6],
    ['wide', 6, 50],
  ])('gives the singular values that a %s matrix was made of, falling', (_, rows, cols) => {
    const made = [0.5, 9, 3, 3, 1e-3, 2];
    const { values, rank } = spectrum(withSpectrum(rows, cols, made));
    expect(values).toHaveLength(6);
    made
      .sort((a, b) => b - a)
      .forEach((value, i) => {
        expect(values[i]).toBeCloseTo(value, DIGITS);
      });
    expect(rank).toBe(6);
  });

  it('counts the columns of an orthogonal matrix, as rank and as effective rank', () => {
    for (const cols of [1, 5, 16]) {
      const { rank, effectiveRank: effective } = spectrum(orthogonal(40, 3, cols));
      expect(rank).toBe(cols);
      expect(effective).toBeCloseTo(cols, DIGITS);
    }
  });

  // The decomposition of a library never ended for some of these (github.com/mljs/matrix/issues/70).
  it.each([1, 8, 32, 64])('has one direction where all of %d features are alike in all tokens', (cols) => {
    for (let seed = 1; seed <= 10; seed++) {
      const row = Float32Array.from(randomMatrix(1, cols, seed).values);
      const values = Float32Array.from({ length: 200 * cols }, (_, k) => row[k % cols]!);
      const { values: singular, rank, effectiveRank: effective } = spectrum({ rows: 200, cols, values });
      const length = Math.sqrt(200 * row.reduce((sum, value) => sum + value ** 2, 0));
      expect(singular[0]! / length).toBeCloseTo(1, DIGITS);
      expect(rank).toBe(1);
      expect(effective).toBeCloseTo(1, DIGITS - 2);
    }
  });

  it('lies below the rank where directions differ in strength', () => {
    const effective = effectiveRank(Float64Array.of(3, 1, 0))!;
    expect(effective).toBeCloseTo(4 / 3 ** 0.75, DIGITS); // p = 3/4, 1/4: exp(−Σ p ln p)
  });

  it('does not count what is below the rounding of float32', () => {
    const least = 1000 * 2 ** -23;
    const values = Float64Array.of(1, 1.001 * least, 0.999 * least);
    expect(numericalRank(values, 1000, 3)).toBe(2);
    expect(numericalRank(values, 3, 1000)).toBe(2);
    expect(numericalRank(values, 3, 3)).toBe(3);
    const rounded = multiplied(randomMatrix(60, 3, 1), randomMatrix(3, 9, 2));
    expect(spectrum({ ...rounded, values: Float32Array.from(rounded.values) }).rank).toBe(3);
  });

  it('has rank 0 and no effective rank where all features are zero', () => {
    expect(spectrum({ rows: 5, cols: 2, values: new Float32Array(10) })).toEqual({
      values: new Float64Array(2),
      rank: 0,
      effectiveRank: undefined,
    });
    expect(spectrum({ rows: 0, cols: 2, values: new Float32Array() }).rank).toBe(0);
  });

  it('refuses features of a run that diverged', () => {
    const broken = { rows: 2, cols: 2, values: Float32Array.of(1, 2, Infinity, 4) };
    expect(() => singularValues(broken)).toThrow(/^features: .*not finite.*lower learning_rate\.$/);
  });
});

describe('the spectra of experts', () => {
  it('show R directions for the sum and up to E R for the stack (Theorem 1)', () => {
    const [inputs, r, count] = [30, 4, 3];
    const x = randomMatrix(200, inputs, 1);
    const experts = Array.from({ length: count }, (_, i) => multiplied(x, randomMatrix(inputs, r, 10 + i)));
    const { single, sum, stack } = expertSpectra(experts);
    expect(single.map(({ rank }) => rank)).toEqual([r, r, r]);
    expect(sum.rank).toBe(r);
    expect(stack.rank).toBe(count * r);
    expect(stack.effectiveRank).toBeGreaterThan(r);
    // Experts that are equal know no more than one.
    const twins = expertSpectra([experts[0]!, experts[0]!]);
    expect(twins.stack.rank).toBe(r);
    expect(twins.sum.values[0]).toBeCloseTo(2 * single[0]!.values[0]!, 10);
  });

  it('refuses experts of different shape and no experts', () => {
    expect(() => expertSpectra([randomMatrix(4, 2, 1), randomMatrix(5, 2, 1)])).toThrow(RangeError);
    expect(() => expertSpectra([randomMatrix(4, 2, 1), randomMatrix(4, 3, 1)])).toThrow(RangeError);
    expect(() => expertSpectra([])).toThrow(RangeError);
  });
});
