/** Narrower ranges, relative to their values, are rounding and not a curve. */
const LEAST_SPAN = 1e-6;

/**
 * Round numbers around a range, for an axis: multiples of 1, 2 or 5 times a power of ten, the first at or below
 * `min`, the last at or above `max`, about `wanted` of them. A range of one value (or nearly so) is widened.
 */
export function niceTicks(min: number, max: number, wanted: number): number[] {
  if (!(min <= max)) return [0, 1]; // nothing to show
  const size = Math.max(Math.abs(min), Math.abs(max));
  const margin = max - min > size * LEAST_SPAN ? 0 : size * 0.1 || 1;
  const low = min - margin;
  const high = max + margin;
  const rough = (high - low) / Math.max(1, wanted - 1);
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((digit) => digit * power).find((size) => size >= rough * 0.999) ?? rough;
  const first = Math.floor(low / step + 1e-9);
  const last = Math.ceil(high / step - 1e-9);
  // Products such as 3 · 0.1 are cleaned of what binary fractions leave behind.
  return Array.from({ length: last - first + 1 }, (_, index) =>
    Number(((first + index) * step).toPrecision(12)),
  );
}
