import { describe, expect, test } from 'vitest';
import { llamaFirstLoss, stackLoss } from './reference';
import { inYardsticks, lossBreaches, median, parseOptions, table } from './summary.mjs';
import { makeWorkloads } from './workloads';

describe('options', () => {
  test('are everything eight times over unless said', () => {
    expect(parseOptions([])).toEqual({ json: false, rounds: 8, parts: ['w1', 'w2', 'cold'] });
    expect(parseOptions(['--only', 'w2', '--json', '--rounds', '3'])).toEqual({
      json: true,
      rounds: 3,
      parts: ['w2'],
    });
  });

  test.each([['--rounds'], ['--rounds', '0'], ['--rounds', '1.5'], ['--only'], ['--only', 'w3'], ['--jsn']])(
    'are refused: %s %s',
    (...argv) => {
      expect(() => parseOptions(argv)).toThrow('usage: npm run bench:peers');
    },
  );
});

describe('figures', () => {
  test('are best by best and median by median', () => {
    const times = { yardstick: [4, 2, 3], masa: [6, 9], jax: [10, 8, 30], tfjs: [2] };
    expect(inYardsticks(times)).toEqual({
      best: { masa: 3, jax: 4, tfjs: 1 },
      median: { masa: 2.5, jax: 10 / 3, tfjs: 2 / 3 },
    });
    expect(median([1, 10, 2, 3])).toBe(2.5);
  });

  test('are set against the faster of the others', () => {
    const w1 = { masa: 1, jax: 4, tfjs: 5, median: { masa: 3, jax: 9, tfjs: 6 } };
    const losses = { masa: [1.5], jax: [1.5], tfjs: [1.5] };
    const text = table({ adapter: 'some GPU', w1: { ...w1, losses } });
    expect(text).toMatch(/^adapter: some GPU$/m);
    expect(text).toMatch(/^W1, yardsticks, best +1\.00 +4\.00 +5\.00 +0\.25$/m);
    expect(text).toMatch(/^W1, yardsticks, median +3\.00 +9\.00 +6\.00 +0\.50$/m);
    expect(text).toMatch(/^W1, loss 1 +1\.500000 +1\.500000 +1\.500000$/m);
    expect(text).not.toMatch(/W2|cold/);
  });
});

describe('losses', () => {
  const agreeing = { masa: [6.82747, 6.634], jax: [6.82747, 6.63403], tfjs: [6.82747, 6.63397] };

  test('agree to five digits, with each other and with float64', () => {
    expect(lossBreaches(agreeing, 6.827471)).toEqual([]);
  });

  test('of one engine alone are noticed', () => {
    const breaches = lossBreaches({ ...agreeing, tfjs: [6.82747, 6.6341] }, 6.827471);
    expect(breaches).toEqual(['tfjs has loss 6.6341 before update 2, where 6.634 is expected']);
  });

  test('that are wrong in the same way are noticed, and so is one that is no number', () => {
    expect(lossBreaches(agreeing, 6.8276)).toHaveLength(3);
    expect(lossBreaches({ ...agreeing, jax: [Number.NaN, 6.634] }, 6.827471)).toHaveLength(1);
  });
});

describe('the inputs', () => {
  const { w1, w2 } = makeWorkloads();

  test('give the losses, before any update, that an independent float64 program found for them', () => {
    expect(llamaFirstLoss(w2)).toBeCloseTo(6.82747, 6);
  });

  test('of the linear stack give a loss that is a mean of squares', () => {
    const loss = stackLoss(w1);
    expect(loss).toBeGreaterThan(0.01); // at least the variance of the targets, 0.1²
    expect(loss).toBeLessThan(0.1);
  });
});
