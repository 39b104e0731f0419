import type { NumberKnob } from '../../config/knob';

/** Number of positions of a slider. */
export const SLIDER_STEPS = 200;

type Scale = Pick<NumberKnob, 'kind' | 'scale'>;

/** Position in [0, SLIDER_STEPS] of a value; values beyond the slider's part of the range sit at its ends. */
export function toPosition(value: number, [low, high]: readonly [number, number], { scale }: Scale): number {
  if (high <= low) return 0;
  const inside = Math.min(Math.max(value, low), high);
  const share =
    scale === 'log' ? Math.log(inside / low) / Math.log(high / low) : (inside - low) / (high - low);
  return Math.round(share * SLIDER_STEPS);
}

/** Value at a position: whole for integers, else two significant digits, so that no 0.00020417 appears. */
export function fromPosition(
  position: number,
  [low, high]: readonly [number, number],
  { kind, scale }: Scale,
): number {
  const share = position / SLIDER_STEPS;
  const value = scale === 'log' ? low * (high / low) ** share : low + share * (high - low);
  return kind === 'integer' ? Math.round(value) : Number(value.toPrecision(2));
}
