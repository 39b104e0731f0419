/**
 * Gradient of `f` at `x` by central differences, (f(x + h) − f(x − h)) / 2h, one coordinate at a time.
 * In float64 the step below leaves truncation ~h² and round-off ~1e-16/h, together about 1e-10 of the
 * size of f and its third derivative.
 * @param x changed while f runs, restored afterwards
 * @param indices coordinates to differentiate by; all of them unless given
 * @returns one derivative per index
 */
export function finiteDifference(
  f: () => number,
  x: Float64Array,
  indices: readonly number[] = Array.from(x.keys()),
  h = 6e-6,
): Float64Array {
  return Float64Array.from(indices, (i) => {
    const centre = x[i]!;
    x[i] = centre + h;
    const above = f();
    x[i] = centre - h;
    const below = f();
    x[i] = centre;
    return (above - below) / (2 * h);
  });
}
