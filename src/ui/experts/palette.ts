import './palette.css';

/** Colours and shapes of up to eight kinds, in this order; further kinds begin again with the next shape. */
const COLOURS = 8;
export const SHAPES = ['circle', 'square', 'triangle', 'diamond', 'cross', 'star'] as const;

/** The colour of the n-th kind (palette.css). */
export function colourOf(index: number): string {
  return `var(--kind-${(index % COLOURS) + 1})`;
}

/** The shape of the n-th kind: never the same colour with the same shape. */
export function shapeOf(index: number): (typeof SHAPES)[number] {
  return SHAPES[(index + Math.floor(index / COLOURS)) % SHAPES.length] ?? 'circle';
}

/** The pattern of the n-th line. */
export function dashOf(index: number): string {
  return ['', '6 3', '2 3', '9 3 2 3'][index % 4] ?? '';
}
