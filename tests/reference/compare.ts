/** How far `actual` is from `expected`; every number is over the places where both are finite. */
export interface Comparison {
  /** max |a − b|. */
  readonly maxAbs: number;
  /** Relative error in the max norm: max |a − b| / max |b|; 0 when both are all zero. */
  readonly maxRel: number;
  /** Normalised mean squared error: Σ (a − b)² / Σ b². */
  readonly nmse: number;
  /** Places where one is NaN or infinite and the other is not the same NaN or infinity. */
  readonly nonFinite: number;
  /** Place of max |a − b|, or of the first non-finite disagreement. */
  readonly worst: number;
}

/** Compares two tensors of the same length; the only comparer of the tests. */
export function compare(actual: ArrayLike<number>, expected: ArrayLike<number>): Comparison {
  if (actual.length !== expected.length) {
    throw new RangeError(`compared ${actual.length} values with ${expected.length}`);
  }
  let [maxAbs, maxExpected, squaredError, squared] = [0, 0, 0, 0];
  let [nonFinite, worst, firstNonFinite] = [0, 0, -1];
  for (let i = 0; i < actual.length; i++) {
    const [a, b] = [actual[i]!, expected[i]!];
    if (!Number.isFinite(a) || !Number.isFinite(b)) {
      if (!Object.is(a, b)) {
        nonFinite++;
        if (firstNonFinite < 0) firstNonFinite = i;
      }
      continue;
    }
    const error = Math.abs(a - b);
    if (error > maxAbs) [maxAbs, worst] = [error, i];
    maxExpected = Math.max(maxExpected, Math.abs(b));
    squaredError += error * error;
    squared += b * b;
  }
  return {
    maxAbs,
    maxRel: ratio(maxAbs, maxExpected),
    nmse: ratio(squaredError, squared),
    nonFinite,
    worst: firstNonFinite < 0 ? worst : firstNonFinite,
  };
}

/** Upper bounds on a Comparison; at least one. Non-finite disagreements never pass. */
export type Tolerance = Partial<Pick<Comparison, 'maxAbs' | 'maxRel' | 'nmse'>>;

/**
 * Throws with all numbers and the worst place unless `actual` is within `tolerance` of `expected`.
 * @returns the comparison, so that a test can also look at how close it was
 */
export function assertClose(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  tolerance: Tolerance,
  what: string,
): Comparison {
  const bounds = Object.entries(tolerance) as [keyof Tolerance, number][];
  if (bounds.length === 0) throw new Error(`${what}: no tolerance given`);
  const result = compare(actual, expected);
  const within = bounds.every(([metric, bound]) => result[metric] <= bound);
  if (!within || result.nonFinite > 0) {
    const { worst } = result;
    throw new Error(
      `${what}: not within ${JSON.stringify(tolerance)}: ${JSON.stringify(result)}; ` +
        `at ${worst} ${actual[worst]} instead of ${expected[worst]}`,
    );
  }
  return result;
}

function ratio(error: number, size: number): number {
  return error === 0 ? 0 : error / size;
}
