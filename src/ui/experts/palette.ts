import { COLOURS, lookOf } from '../charts/palette';

const SHAPES = ['circle', 'square', 'triangle', 'diamond', 'cross', 'star'] as const;

/** The colour of the n-th kind: that of the n-th line of a chart. */
export function colourOf(index: number): string {
  return lookOf(index).colour;
}

/** The shape of the n-th kind: never the same colour with the same shape. */
export function shapeOf(index: number): (typeof SHAPES)[number] {
  return SHAPES[(index + Math.floor(index / COLOURS)) % SHAPES.length] ?? 'circle';
}
