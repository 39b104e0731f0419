import type { XAxisKind } from '../../state/view';
import { formatCount, formatShort, formatValue } from '../shared/format';

/** Seconds of the largest unit that fits, and its name. */
const UNITS = [
  { seconds: 3600, name: 'h' },
  { seconds: 60, name: 'min' },
] as const;

/** What stands along x, in words. */
export const AXIS_NAMES: Readonly<Record<XAxisKind, string>> = {
  step: 'step',
  tokens: 'counted tokens',
  time: 'training time',
};

/** A position as a tick says it. */
export function formatTick(kind: XAxisKind, value: number, end: number): string {
  if (kind === 'step') return formatCount(value);
  if (kind === 'tokens') return formatShort(value);
  const unit = unitOf(end);
  return value === 0 ? '0' : `${formatValue(value / unit.seconds)} ${unit.name}`;
}

/** A position as a sentence says it. */
export function formatPosition(kind: XAxisKind, value: number): string {
  if (kind === 'time') return formatTick(kind, value, value);
  return formatCount(Math.round(value));
}

/** By what ticks are to be round: seconds, minutes or hours. */
export function unitOf(end: number): { readonly seconds: number; readonly name: string } {
  return UNITS.find(({ seconds }) => end >= 2 * seconds) ?? { seconds: 1, name: 's' };
}
