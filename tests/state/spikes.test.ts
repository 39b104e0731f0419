import { describe, expect, it } from 'vitest';
import { detectSpikes } from '../../src/state/spikes';
import { randomValues } from '../support/random';

const COUNT = 5000;
const steps = Float64Array.from({ length: COUNT }, (_, index) => index + 1);
const noise = randomValues(COUNT, 5, 0.2);
/** Falls from 5 to 1.5 with even noise of ±0.2. */
const falling = noise.map((value, index) => 1.5 + 3.5 * Math.exp(-index / 400) + value);

describe('spikes of a loss', () => {
  it('are not seen in plain noise', () => {
    expect(detectSpikes(steps, falling)).toEqual([]);
  });

  it('are told at their highest step, one for neighbours, and do not hide the next', () => {
    const losses = falling.slice();
    losses.set([6, 9, 7], 1000);
    losses[1040] = 8;
    expect(detectSpikes(steps, losses)).toEqual([
      { step: 1002, value: 9 },
      { step: 1041, value: 8 },
    ]);
  });

  it('are not a new level that stays, beyond its beginning', () => {
    const losses = falling.map((value, index) => (index < 2000 ? value : value + 5));
    const found = detectSpikes(steps, losses);
    expect(found.length).toBeGreaterThanOrEqual(1);
    expect(found.every(({ step }) => step < 2060)).toBe(true);
  });

  it('pass over what is not a number, and a loss that stands still', () => {
    expect(
      detectSpikes(
        steps,
        falling.map(() => NaN),
      ),
    ).toEqual([]);
    expect(
      detectSpikes(
        steps,
        falling.map(() => 2),
      ),
    ).toEqual([]);
  });
});
