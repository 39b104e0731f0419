/** How a line looks: never told apart by its colour alone. */
export interface Look {
  readonly colour: string;
  /** stroke-dasharray; empty for a whole line. */
  readonly dash: string;
}

/** Colours in charts.css, chosen to stay apart for colour-blind readers; further lines begin again with other dashes. */
export const COLOURS = 8;
const DASHES = ['', '7 3', '2 3', '9 3 2 3', '4 2', '12 4', '1 4', '9 3 2 3 2 3', '16 3 4 3'];

/** The look of the n-th line. The first is the page's own colour, unbroken: the run at hand. */
export function lookOf(index: number): Look {
  return { colour: `var(--series-${index % COLOURS})`, dash: DASHES[index % DASHES.length] ?? '' };
}

/** The look of a line of reference: dotted, in the colour of the text. */
export const REFERENCE: Look = { colour: 'var(--ink)', dash: '3 4' };
