/** What an axis reaches over; min above max where there is nothing to show. */
export interface ValueDomain {
  readonly min: number;
  readonly max: number;
}

/** Fewer values than this have no outliers. */
const ENOUGH = 20;
/** Share of the values at either end that may be outliers. */
const TAIL = 0.01;
/** How far beyond the others a value must lie, in their whole span, to leave the scale alone. */
const FAR = 2;

/**
 * The range of values on an axis. With `ignoreOutliers` the lowest and highest hundredth do not stretch it where they
 * lie further than twice the span of all others away from them; the chart marks them at its edge.
 *
 * @param values those drawn; what is not finite is passed over, and at or below zero where the axis is logarithmic
 */
export function valueDomain(values: readonly number[], log: boolean, ignoreOutliers: boolean): ValueDomain {
  const shown = Float64Array.from(values.filter((value) => Number.isFinite(value) && (!log || value > 0)));
  shown.sort();
  const least = shown[0] ?? Infinity;
  const greatest = shown[shown.length - 1] ?? -Infinity;
  if (!ignoreOutliers || shown.length < ENOUGH) return { min: least, max: greatest };
  const scale = log ? Math.log : (value: number) => value;
  const tail = Math.ceil(TAIL * (shown.length - 1));
  const low = scale(shown[tail] ?? least);
  const high = scale(shown[shown.length - 1 - tail] ?? greatest);
  const far = FAR * (high - low);
  if (far === 0) return { min: least, max: greatest };
  return {
    min: shown.find((value) => scale(value) >= low - far) ?? least,
    max: shown.findLast((value) => scale(value) <= high + far) ?? greatest,
  };
}
