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
  for (let index = 0; index < values.length; index++) {
    const value = values[index] ?? NaN;
    if (!Number.isFinite(value)) {
      result[index] = value;
      continue;
    }
    mean = weight * mean + (1 - weight) * value;
    remaining *= weight;
    result[index] = mean / (1 - remaining);
  }
  return result;
}

/** The sum of everything up to and including each value; what is not finite adds nothing. */
export function runningSum(values: Float64Array): Float64Array {
  let sum = 0;
  return values.map((value) => (sum += Number.isFinite(value) ? value : 0));
}

/**
 * Borders of pixel columns: `columns` stretches of equal width on the screen, from `from` to `to`.
 *
 * @param log whether the axis is logarithmic; `from` is then above zero
 * @returns [columns + 1], rising
 */
export function columnEdges(from: number, to: number, columns: number, log: boolean): Float64Array {
  const ratio = to / from;
  return Float64Array.from({ length: columns + 1 }, (_, index) => {
    const share = index / columns;
    return log ? from * ratio ** share : from + (to - from) * share;
  });
}

/**
 * Which points to draw when there are more than pixels: in every column the lowest and the highest value, so that no
 * spike is lost, and the first and the last point. One pass over the points and no sorting: it is cheap enough to be
 * done anew at every redraw.
 *
 * @param x rising positions, one for each value; those before the first edge or behind the last are left out
 * @param edges of the columns, see columnEdges
 * @returns rising indices, at most 2·columns + 2 of them; all indices where there are no more points than that.
 * A column that holds no finite value keeps its first point, so that the gap in the line is seen.
 */
export function reduceToColumns(x: Float64Array, values: Float64Array, edges: Float64Array): number[] {
  const columns = edges.length - 1;
  const count = values.length;
  if (count <= 2 * columns + 2) return Array.from({ length: count }, (_, index) => index);
  const kept: number[] = [];
  const keep = (index: number) => {
    if (index > (kept.at(-1) ?? -1)) kept.push(index);
  };
  const last = edges[columns] ?? 0;
  let begin = 0;
  while (begin < count && (x[begin] ?? 0) < (edges[0] ?? 0)) begin += 1;
  let end = count;
  while (end > begin && (x[end - 1] ?? 0) > last) end -= 1;
  if (begin < end) keep(begin);
  for (let index = begin, column = 0; index < end;) {
    while (column < columns - 1 && (x[index] ?? 0) >= (edges[column + 1] ?? last)) column += 1;
    const border = column === columns - 1 ? Infinity : (edges[column + 1] ?? Infinity);
    let [low, high] = [index, index];
    let [least, greatest] = [Infinity, -Infinity];
    for (; index < end && (x[index] ?? 0) < border; index++) {
      const value = values[index] ?? NaN;
      if (!Number.isFinite(value)) continue;
      if (value < least) [least, low] = [value, index];
      if (value > greatest) [greatest, high] = [value, index];
    }
    keep(Math.min(low, high));
    keep(Math.max(low, high));
  }
  if (begin < end) keep(end - 1);
  return kept;
}

/** Index of the point that lies nearest to a position; -1 where there is none. */
export function nearestIndex(x: Float64Array, at: number): number {
  const above = firstAtOrAbove(x, at);
  if (above === 0 || above === x.length) return Math.min(above, x.length - 1);
  return (x[above] ?? 0) - at < at - (x[above - 1] ?? 0) ? above : above - 1;
}

/** The value at a position between two points, on the line through them; NaN outside of all points. */
export function valueAt(x: Float64Array, values: Float64Array, at: number): number {
  const above = firstAtOrAbove(x, at);
  if (above === x.length) return NaN;
  const [right = NaN, value = NaN] = [x[above], values[above]];
  if (right === at) return value;
  const [left = NaN, before = NaN] = [x[above - 1], values[above - 1]];
  return before + ((value - before) * (at - left)) / (right - left);
}

function firstAtOrAbove(x: Float64Array, at: number): number {
  let [low, high] = [0, x.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((x[middle] ?? 0) < at) low = middle + 1;
    else high = middle;
  }
  return low;
}
