import { describe, expect, it } from 'vitest';
import { adamWState, adamWStep } from './adamW';
import { clipCoefficient, gradientNorm } from './gradientNorm';
import { scheduleFactor } from './schedule';

describe('AdamW reference', () => {
  it('moves by the learning rate in the first step, whatever the gradient, after the decay', () => {
    const p = Float64Array.of(1, -2, 3);
    adamWStep(p, Float64Array.of(5, -1e-3, 0), adamWState(3), { learningRate: 0.1, weightDecay: 0.5 });
    // eps 1e-8 against a gradient of 1e-3 changes the sixth digit of the step.
    expect(p[0]).toBeCloseTo(1 * 0.95 - 0.1, 8);
    expect(p[1]).toBeCloseTo(-2 * 0.95 + 0.1, 5);
    expect(p[2]).toBeCloseTo(3 * 0.95, 12);
  });

  it('matches the update written out for two steps', () => {
    const p = Float64Array.of(0.3);
    const state = adamWState(1);
    adamWStep(p, Float64Array.of(0.2), state, { learningRate: 0.01, weightDecay: 0 });
    adamWStep(p, Float64Array.of(-0.4), state, { learningRate: 0.02, weightDecay: 0 });
    const m = (0.9 * 0.1 * 0.2 + 0.1 * -0.4) / (1 - 0.81);
    const v = (0.999 * 0.001 * 0.04 + 0.001 * 0.16) / (1 - 0.999 ** 2);
    const expected = 0.3 - (0.01 * 0.2) / (0.2 + 1e-8) - (0.02 * m) / (Math.sqrt(v) + 1e-8);
    expect(p[0]).toBeCloseTo(expected, 14);
  });
});

describe('gradient clipping reference', () => {
  it('scales a long gradient to the limit and leaves a short one alone', () => {
    const norm = gradientNorm(Float64Array.of(3, 4));
    expect(norm).toBe(5);
    expect(clipCoefficient(norm, 1)).toBeCloseTo(0.2, 6);
    expect(clipCoefficient(norm, 6)).toBe(1);
  });
});

describe('schedule reference', () => {
  it('warms up linearly from 0, then follows its curve to the last step', () => {
    const factors = (type: 'constant' | 'linear' | 'cosine') =>
      Array.from({ length: 11 }, (_, step) => scheduleFactor(type, step, 2, 10));
    expect(factors('constant')).toEqual([0, 0.5, 1, 1, 1, 1, 1, 1, 1, 1, 1]);
    expect(factors('linear')).toEqual([0, 0.5, 1, 0.875, 0.75, 0.625, 0.5, 0.375, 0.25, 0.125, 0]);
    const cosine = factors('cosine');
    expect(cosine[2]).toBe(1);
    expect(cosine[4]).toBeCloseTo(0.5 + Math.SQRT1_2 / 2, 14);
    expect(cosine[6]).toBeCloseTo(0.5, 14);
    expect(cosine[10]).toBe(0);
  });

  it('starts at full rate without warm-up', () => {
    expect(scheduleFactor('cosine', 0, 0, 10)).toBe(1);
    expect(scheduleFactor('linear', 0, 0, 10)).toBe(1);
  });
});
