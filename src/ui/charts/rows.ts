import { reduceToColumns, smooth } from '../../state/series';

/** One position on a chart; what was not measured there is absent. */
export interface Row {
  readonly step: number;
  readonly raw?: number;
  readonly smooth?: number;
  readonly validation?: number;
}

/**
 * Points to draw, in order of steps: the extremes of every pixel column, and every validation loss.
 *
 * @param steps rising step numbers, one for each value
 * @param smoothing weight of the moving average; it runs over all values, not over those drawn
 * @param columns width of the drawing in pixels
 */
export function chartRows(
  steps: Float64Array,
  values: Float64Array,
  validation: readonly { readonly step: number; readonly loss: number }[],
  smoothing: number,
  columns: number,
): Row[] {
  const averaged = smooth(values, smoothing);
  const rows = new Map<number, Row>();
  for (const index of reduceToColumns(steps, values, Math.max(1, columns))) {
    const step = steps[index] ?? 0;
    rows.set(step, { step, ...present('raw', values[index]), ...present('smooth', averaged[index]) });
  }
  for (const { step, loss } of validation) {
    rows.set(step, { step, ...rows.get(step), ...present('validation', loss) });
  }
  return [...rows.values()].sort((a, b) => a.step - b.step);
}

function present<K extends string>(key: K, value: number | undefined): Partial<Record<K, number>> {
  return value !== undefined && Number.isFinite(value) ? ({ [key]: value } as Record<K, number>) : {};
}
