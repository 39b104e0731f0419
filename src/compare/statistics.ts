/** Of some runs that differ by their seed alone. */
export interface Spread {
  readonly n: number;
  readonly mean: number;
  /** Sample standard deviation (n − 1); null for a single run. */
  readonly sd: number | null;
  readonly min: number;
  readonly max: number;
}

/** Of the differences between two configurations, taken seed by seed. */
export interface PairedDifference extends Spread {
  /** 95 % interval of the mean by Student's t; null for a single pair. */
  readonly ci: readonly [low: number, high: number] | null;
}

/** Sums values up; null where there are none. */
export function spreadOf(values: readonly number[]): Spread | null {
  const n = values.length;
  if (n === 0) return null;
  const mean = sum(values) / n;
  const sd = n === 1 ? null : Math.sqrt(sum(values.map((value) => (value - mean) ** 2)) / (n - 1));
  return { n, mean, sd, min: Math.min(...values), max: Math.max(...values) };
}

/**
 * Mean of (a − b) over the keys that both have, with mean ± t · sd / √n. Pairing takes out what the seed does to both.
 *
 * @param a,b values by seed
 */
export function pairedDifference(
  a: ReadonlyMap<number, number>,
  b: ReadonlyMap<number, number>,
): PairedDifference | null {
  const spread = spreadOf(paired(a, b).map(([own, other]) => own - other));
  if (spread === null) return null;
  const { n, mean, sd } = spread;
  if (sd === null) return { ...spread, ci: null };
  const half = (tQuantile(n - 1) * sd) / Math.sqrt(n);
  return { ...spread, ci: [mean - half, mean + half] };
}

/** The pairs of values of the keys that both have, in the order of `a`. */
export function paired(a: ReadonlyMap<number, number>, b: ReadonlyMap<number, number>): [number, number][] {
  return [...a].flatMap(([key, own]) => {
    const other = b.get(key);
    return other === undefined ? [] : [[own, other]];
  });
}

/**
 * The t with P(|T| ≤ t) = 0.95 for Student's T with whole degrees of freedom: the 0.975 quantile. Bisection over
 * θ = atan(t / √ν) in the finite series of Abramowitz and Stegun, 26.7.3 and 26.7.4.
 *
 * @param dof ν, a whole number from 1
 */
export function tQuantile(dof: number, inside = 0.95): number {
  let [low, high] = [0, Math.PI / 2];
  // Each turn halves the interval; after 60 nothing is left of it in float64.
  for (let turn = 0; turn < 60; turn++) {
    const middle = (low + high) / 2;
    if (probabilityWithin(middle, dof) < inside) low = middle;
    else high = middle;
  }
  return Math.sqrt(dof) * Math.tan((low + high) / 2);
}

/** P(|T| ≤ √ν tan θ). */
function probabilityWithin(theta: number, dof: number): number {
  const odd = dof % 2 === 1;
  const cos = Math.cos(theta);
  let term = odd ? cos : 1;
  let series = dof === 1 ? 0 : term;
  for (let k = odd ? 3 : 2; k < dof; k += 2) {
    term *= ((k - 1) / k) * cos * cos;
    series += term;
  }
  const angle = odd ? theta : 0;
  return (odd ? 2 / Math.PI : 1) * (angle + Math.sin(theta) * series);
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
