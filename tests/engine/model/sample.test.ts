import { describe, expect, it } from 'vitest';
import { candidates, sampleToken, type SamplingOptions } from '../../../src/engine/model/sample';
import { warpedProbabilities } from '../../reference/warpers';
import { randomValues } from '../../support/random';

const random = (size: number, seed: number) => Float32Array.from(randomValues(size, seed, 6));

/** The probability of every token, 0 for those that are not among the candidates. */
function spread(logits: Float32Array, options: Omit<SamplingOptions, 'seed'>): number[] {
  const { tokens, probabilities } = candidates(logits, options);
  const all = Array<number>(logits.length).fill(0);
  tokens.forEach((token, i) => (all[token] = probabilities[i]!));
  return all;
}

describe('the tokens among which one is drawn', () => {
  const cases = [0.3, 0.8, 1, 2.5].flatMap((temperature) =>
    [0, 1, 3, 50, 500].flatMap((top_k) =>
      [0.01, 0.5, 0.9, 1].map((top_p) => ({ temperature, top_k, top_p })),
    ),
  );

  it('are those of the reference, with its probabilities, in every combination', () => {
    for (const size of [1, 2, 67, 257]) {
      const logits = random(size, size);
      for (const options of cases) {
        const expected = warpedProbabilities([...logits], options.temperature, options.top_k, options.top_p);
        const found = spread(logits, options);
        expect(found.map((value) => value > 0)).toEqual(expected.map((value) => value > 0));
        // Both sides compute in float64: a few roundings of numbers up to 1.
        const errors = found.map((value, i) => Math.abs(value - expected[i]!));
        expect(Math.max(...errors)).toBeLessThan(1e-14);
      }
    }
  });

  it('sum to one and stand in order of id; at least one stays', () => {
    for (const options of cases) {
      const { tokens, probabilities } = candidates(random(100, 3), options);
      expect(tokens).toEqual(tokens.toSorted((a, b) => a - b));
      expect(tokens.length).toBeGreaterThan(0);
      expect(probabilities.reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 12);
    }
  });

  it('reach top_p, and would not without the least likely of them', () => {
    const logits = random(300, 5);
    const all = spread(logits, { temperature: 1 });
    const kept = candidates(logits, { temperature: 1, top_p: 0.9 }).tokens.map((token) => all[token]!);
    const sum = kept.reduce((mass, value) => mass + value, 0);
    expect(sum).toBeGreaterThanOrEqual(0.9);
    expect(sum - Math.min(...kept)).toBeLessThan(0.9);
  });

  it('hold all equals of the k-th, and of equals at the border of top_p the first', () => {
    const logits = Float32Array.of(1, 5, 1, 1, 0);
    expect(candidates(logits, { temperature: 1, top_k: 2 }).tokens).toEqual([0, 1, 2, 3]);
    const even = new Float32Array(10);
    expect(candidates(even, { temperature: 1, top_p: 0.25 }).tokens).toEqual([0, 1, 2]);
    // top_p is taken of what top_k has left: half of four.
    expect(
      candidates(Float32Array.of(0, 9, 9, 9, 9), { temperature: 1, top_k: 4, top_p: 0.5 }).tokens,
    ).toEqual([1, 2]);
  });

  it('are all of them where nothing is limited, and one at temperature 0', () => {
    const logits = random(40, 7);
    expect(candidates(logits, { temperature: 1 }).tokens).toHaveLength(40);
    expect(candidates(logits, { temperature: 1, top_k: 0, top_p: 1 }).tokens).toHaveLength(40);
    const [token] = candidates(logits, { temperature: 0, top_k: 5, top_p: 0.5 }).tokens;
    expect(logits[token!]).toBe(Math.max(...logits));
  });

  it('are refused where a logit is not a number', () => {
    for (const bad of [Number.NaN, Infinity, -Infinity]) {
      expect(() => candidates(Float32Array.of(0, bad), { temperature: 1 })).toThrow(/not numbers/);
    }
  });
});

describe('the draw', () => {
  const logits = random(12, 11);
  const options = { temperature: 1.3, top_k: 8, top_p: 0.95, seed: 4 };

  it('repeats with seed and number, and differs between them', () => {
    const text = (seed: number) =>
      Array.from({ length: 50 }, (_, n) => sampleToken(logits, { ...options, seed }, n));
    expect(text(4)).toEqual(text(4));
    expect(text(5)).not.toEqual(text(4));
    expect(new Set(text(4)).size).toBeGreaterThan(2);
  });

  it('takes every candidate as often as its probability says, and nothing else', () => {
    const draws = 20_000;
    const expected = spread(logits, options);
    const counts = Array<number>(logits.length).fill(0);
    for (let n = 0; n < draws; n++) counts[sampleToken(logits, options, n)]!++;
    counts.forEach((count, token) => {
      const p = expected[token]!;
      // Five standard deviations of a binomial count; the draws are the same every time.
      expect(Math.abs(count - draws * p)).toBeLessThanOrEqual(5 * Math.sqrt(draws * p * (1 - p)));
    });
  });

  it('is the most likely token, the first of equals, at temperature 0', () => {
    expect(sampleToken(Float32Array.of(1, 3, 3, 2), { temperature: 0, seed: 9 }, 1)).toBe(1);
  });
});
