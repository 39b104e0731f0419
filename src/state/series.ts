/**
 * Exponential moving average without the pull of its zero start, as TensorBoard draws it:
 * m_n = w·m_{n-1} + (1 - w)·x_n, shown as m_n / (1 - wⁿ).
 * Values that are not finite are passed through and leave the average alone.
 *
 * @param weight w in [0, 1): 0 returns the values themselves
 */
export function smooth(values: Float64Array, weight: number): Float64Array {
  const result = new Float64Array(values.length);
  let mean = 0;
  let remaining = 1; // wⁿ
  values.forEach((value, index) => {
    if (!Number.isFinite(value)) {
      result[index] = value;
      return;
    }
    mean = weight * mean + (1 - weight) * value;
    remaining *= weight;
    result[index] = mean / (1 - remaining);
  });
  return result;
}

/**
 * Which points to draw when there are more than pixels: the first, the last, and in each of `columns` equal
 * stretches of x the lowest and the highest value, so that no spike is lost.
 *
 * @param x rising positions, one for each value
 * @returns rising indices, at most 2·columns + 2 of them; all indices where there are no more points than that.
 * Values that are not finite are left out unless they are the first or the last.
 */
export function reduceToColumns(x: Float64Array, values: Float64Array, columns: number): number[] {
  const count = values.length;
  if (count <= 2 * columns + 2) return Array.from({ length: count }, (_, index) => index);
  const first = x[0] ?? 0;
  const width = ((x[count - 1] ?? first) - first) / columns;
  const kept = new Set<number>([0, count - 1]);
  let column = -1;
  let low = -1;
  let high = -1;
  const keep = () => {
    if (low >= 0) kept.add(low).add(high);
  };
  values.forEach((value, index) => {
    if (!Number.isFinite(value)) return;
    const at = Math.min(columns - 1, Math.floor(((x[index] ?? first) - first) / width));
    if (at !== column || low < 0) {
      keep();
      column = at;
      low = high = index;
    }
    if (value < (values[low] ?? value)) low = index;
    if (value > (values[high] ?? value)) high = index;
  });
  keep();
  return [...kept].sort((a, b) => a - b);
}
