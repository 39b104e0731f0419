import { expect, it } from 'vitest';
import { candidates } from '../../../src/engine/model/sample';
import { describePython, runPython } from '../../support/python';
import { randomValues } from '../../support/random';

describePython('temperature, top_k and top_p', () => {
  it('leave the tokens and probabilities that transformers leaves', () => {
    const jobs = [0.4, 1, 1.7].flatMap((temperature, seed) =>
      [0, 1, 20].flatMap((top_k) =>
        [0.05, 0.7, 1].map((top_p) => {
          // Exactly representable in f32, so that both sides begin with the same numbers.
          const logits = [...Float32Array.from(randomValues(101, seed, 5))];
          return { logits, temperature, top_k, top_p };
        }),
      ),
    );
    const theirs = JSON.parse(runPython('tests/python/warpers.py', [JSON.stringify(jobs)])) as number[][];
    jobs.forEach(({ logits, ...options }, i) => {
      const { tokens, probabilities } = candidates(Float32Array.from(logits), options);
      expect(tokens).toEqual(theirs[i]!.flatMap((value, token) => (value > 0 ? [token] : [])));
      tokens.forEach((token, n) => {
        // Both in float64: a few roundings of numbers up to 1.
        expect(Math.abs(probabilities[n]! - theirs[i]![token]!)).toBeLessThan(1e-14);
      });
    });
  });
});
