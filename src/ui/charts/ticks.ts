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

/** Digits of the ticks within a power of ten, from sparse to dense. */
const DIGITS = [[1], [1, 3], [1, 2, 5]];

/**
 * Round numbers around a range on a logarithmic axis: powers of ten (only some of them where there are many), with 3
 * or with 2 and 5 between them where there are few; in a range too narrow for these, ticks as on a linear axis. The
 * first is at or below `min`, the last at or above `max`, both above zero.
 *
 * @param min above zero
 */
export function logTicks(min: number, max: number, wanted: number): number[] {
  if (!(min > 0 && min <= max)) return [1, 10]; // nothing to show
  if (max / min < 4) {
    const ticks = niceTicks(min, max, wanted);
    const [first = 0, second = 1] = ticks;
    // A linear axis may round down to zero, which has no place here.
    return first > 0 ? ticks : [leading(min), ...ticks.slice(second <= min ? 2 : 1)];
  }
  const low = Math.floor(Math.log10(min) + 1e-9);
  const high = Math.ceil(Math.log10(max) - 1e-9);
  const stride = Math.max(1, Math.ceil((high - low) / Math.max(1, wanted)));
  const dense = DIGITS.filter((digits) => (high - low) * digits.length <= Math.max(3, wanted)).at(-1) ?? [1];
  const ticks: number[] = [];
  for (let power = low; power <= high + stride - 1; power += stride) {
    for (const digit of stride > 1 ? [1] : dense) ticks.push(Number(`${digit}e${power}`));
  }
  const first = ticks.findLastIndex((tick) => tick <= min * (1 + 1e-9));
  const last = ticks.findIndex((tick) => tick >= max * (1 - 1e-9));
  return ticks.slice(Math.max(0, first), last < 0 ? undefined : last + 1);
}

/** The ticks of a range whose ends stay where they are: those of `ticks` that lie inside. */
export function within(ticks: readonly number[], from: number, to: number): number[] {
  const slack = 1e-9 * Math.max(Math.abs(from), Math.abs(to));
  return ticks.filter((tick) => tick >= from - slack && tick <= to + slack);
}

/** Rounded down to one digit: 0.0237 is 0.02. */
function leading(value: number): number {
  const power = Math.floor(Math.log10(value) + 1e-12);
  return Number(`${Math.floor(value / 10 ** power + 1e-9)}e${power}`);
}
