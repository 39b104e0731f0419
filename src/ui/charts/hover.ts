import { createStore } from 'zustand/vanilla';

/** What is pointed at: one position on all charts of a group. */
export interface Hover {
  readonly group: string;
  /** The chart that has the pointer or the keyboard. */
  readonly chart: string;
  readonly x: number;
}

export const hoverStore = createStore<{ readonly hover: Hover | undefined }>(() => ({ hover: undefined }));

/** Sets what is pointed at, or lets go of it where this chart had it. */
export function point(chart: string, group: string, x: number | undefined): void {
  const { hover } = hoverStore.getState();
  if (x !== undefined) hoverStore.setState({ hover: { group, chart, x } });
  else if (hover?.chart === chart) hoverStore.setState({ hover: undefined });
}
