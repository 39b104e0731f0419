import { describe, expect, it } from 'vitest';
import { fromPosition, SLIDER_STEPS, toPosition } from '../../src/ui/setup/sliderScale';

describe('sliders', () => {
  it('reach both ends of their range', () => {
    for (const scale of ['linear', 'log'] as const) {
      const row = { kind: 'number', scale } as const;
      expect(fromPosition(0, [1e-5, 1e-2], row)).toBe(1e-5);
      expect(fromPosition(SLIDER_STEPS, [1e-5, 1e-2], row)).toBe(1e-2);
    }
  });

  it('give whole numbers for integers and two digits for others', () => {
    expect(fromPosition(77, [1, 64], { kind: 'integer', scale: 'log' })).toBe(5);
    expect(String(fromPosition(77, [1e-5, 1e-2], { kind: 'number', scale: 'log' }))).toBe('0.00014');
  });

  it('come back to where they were put', () => {
    for (let value = 1; value <= 8; value++) {
      const row = { kind: 'integer', scale: 'linear' } as const;
      expect(fromPosition(toPosition(value, [1, 8], row), [1, 8], row)).toBe(value);
    }
  });

  it('sit at an end for values beyond their part of the range', () => {
    const row = { kind: 'integer', scale: 'log' } as const;
    expect(toPosition(1024, [1, 64], row)).toBe(SLIDER_STEPS);
    expect(toPosition(0, [1, 64], row)).toBe(0);
    expect(toPosition(1, [1, 1], row)).toBe(0);
  });
});
