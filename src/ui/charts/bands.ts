import type { BandKind } from '../../state/view';
import type { Band, Curve, Source } from './curves';

/**
 * Draws runs that differ only in their seed as one: the mean over the runs as a line, in a band from the least to the
 * greatest or of one standard deviation to either side. Positions are those of the longest run; between the points
 * of another run its value is on the line through them.
 *
 * @param curves as chartCurves gives them
 */
export function seedBands(
  curves: readonly Curve[],
  sources: readonly Source[],
  kind: BandKind,
): { readonly curves: readonly Curve[]; readonly bands: readonly Band[] } {
  if (kind === 'none') return { curves, bands: [] };
  const groups = grouped(
    sources.filter(({ role, group }) => role === 'overlay' && group !== undefined),
    ({ group }) => group,
  );
  let rest = curves;
  const means: Curve[] = [];
  const bands: Band[] = [];
  for (const members of groups.values()) {
    if (members.length < 2) continue;
    const ids = new Set(members.map(({ id }) => id));
    const own = rest.filter(({ source }) => ids.has(source));
    rest = rest.filter(({ source }) => !ids.has(source));
    for (const [line, alike] of grouped(own, ({ line }) => line)) {
      const { mean, band } = overSeeds(alike, kind);
      const name = `${members.length} seeds of ${members[0]?.name ?? ''}${line === 'validation' ? ': validation' : ''}`;
      means.push({ ...mean, name });
      if (mean.kind === 'line') bands.push(band);
    }
  }
  return { curves: [...means, ...rest], bands };
}

function grouped<T, K>(items: readonly T[], keyOf: (item: T) => K): Map<K, T[]> {
  const groups = new Map<K, T[]>();
  for (const item of items) groups.set(keyOf(item), [...(groups.get(keyOf(item)) ?? []), item]);
  return groups;
}

function overSeeds(curves: readonly Curve[], kind: BandKind): { readonly mean: Curve; readonly band: Band } {
  const longest = curves.reduce((a, b) => (b.x.length > a.x.length ? b : a));
  const { x, steps, look, id, name, source, line } = longest;
  const values = curves.map((curve) => (curve === longest ? curve.y : resampled(curve.x, curve.y, x)));
  const mean = new Float64Array(x.length);
  const low = new Float64Array(x.length);
  const high = new Float64Array(x.length);
  for (let index = 0; index < x.length; index++) {
    const here = values.flatMap((column) => {
      const value = column[index] ?? NaN;
      return Number.isFinite(value) ? [value] : [];
    });
    const spread = spreadOf(here);
    mean[index] = spread.mean;
    low[index] = kind === 'range' ? spread.min : spread.mean - spread.deviation;
    high[index] = kind === 'range' ? spread.max : spread.mean + spread.deviation;
  }
  return {
    mean: { ...{ id, name, source, line, look, x, steps, kind: longest.kind }, y: mean },
    band: { id: `${id} band`, colour: look.colour, x, low, high },
  };
}

/** Mean, extremes and the sample's standard deviation (0 for one value); NaN for none. */
export function spreadOf(values: readonly number[]) {
  const n = values.length;
  const mean = values.reduce((sum, value) => sum + value, 0) / n;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return {
    mean,
    min: n === 0 ? NaN : Math.min(...values),
    max: n === 0 ? NaN : Math.max(...values),
    deviation: n > 1 ? Math.sqrt(squares / (n - 1)) : n === 1 ? 0 : NaN,
  };
}

/** Values at the positions of `grid`, on the lines between the points; NaN outside of them. Both rise. */
export function resampled(x: Float64Array, values: Float64Array, grid: Float64Array): Float64Array {
  let above = 0;
  return grid.map((at) => {
    while (above < x.length && (x[above] ?? 0) < at) above += 1;
    const [right = NaN, value = NaN] = [x[above], values[above]];
    if (right === at) return value;
    const [left = NaN, before = NaN] = [x[above - 1], values[above - 1]];
    return before + ((value - before) * (at - left)) / (right - left);
  });
}
