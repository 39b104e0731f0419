import type { Matrix } from './matrix';

/** The part of a singular value decomposition that needs no right vectors. */
export interface LeftDecomposition {
  /** The k singular values, falling. */
  readonly values: Float64Array;
  /** The left singular vector of each, [k]. */
  readonly vectors: readonly Float64Array[];
}

/** Rounds of rotations, of which some ten are needed: the error falls quadratically. */
const MOST_ROUNDS = 60;

/**
 * Singular values and left singular vectors of a matrix of few rows, by rotating each pair of rows until all are
 * orthogonal (Hestenes 1958; Golub and Van Loan, section 8.6.3). It ends for every finite matrix. The library's
 * decomposition, which is faster for many rows, does not: it never returns for some matrices of low rank, such as the
 * features of tokens that are all alike (github.com/mljs/matrix/issues/70).
 *
 * @param matrix [k, n], finite; the work grows with k²·n
 */
export function leftDecomposition({ rows: k, cols: n, values }: Matrix): LeftDecomposition {
  const rows = Array.from({ length: k }, (_, i) => Float64Array.from(values.subarray(i * n, (i + 1) * n)));
  const turned = rows.map((_, i) => Float64Array.from({ length: k }, (__, j) => Number(i === j)));
  const least = n * Number.EPSILON; // rounding of an inner product, over the lengths
  for (let round = 0, isDone = false; round < MOST_ROUNDS && !isDone; round++) {
    isDone = true;
    rows.forEach((x, i) => {
      for (let j = i + 1; j < k; j++) {
        const y = rows[j] ?? x;
        const xy = dot(x, y);
        const xx = dot(x, x);
        const yy = dot(y, y);
        if (!(Math.abs(xy) > least * Math.sqrt(xx) * Math.sqrt(yy))) continue;
        isDone = false;
        const angle = Math.atan2(2 * xy, xx - yy) / 2;
        rotate(x, y, angle);
        rotate(turned[i] ?? x, turned[j] ?? y, angle);
      }
    });
  }
  const found = rows.map((row, i) => ({ value: Math.sqrt(dot(row, row)), vector: turned[i] ?? row }));
  found.sort((a, b) => b.value - a.value);
  return {
    values: Float64Array.from(found, ({ value }) => value),
    vectors: found.map(({ vector }) => vector),
  };
}

function dot(x: Float64Array, y: Float64Array): number {
  let sum = 0;
  for (let k = 0; k < x.length; k++) sum += (x[k] ?? 0) * (y[k] ?? 0);
  return sum;
}

/** (x, y) becomes (c·x + s·y, c·y − s·x) with c and s of the angle. */
function rotate(x: Float64Array, y: Float64Array, angle: number): void {
  const c = Math.cos(angle);
  const s = Math.sin(angle);
  for (let k = 0; k < x.length; k++) {
    const a = x[k] ?? 0;
    const b = y[k] ?? 0;
    x[k] = c * a + s * b;
    y[k] = c * b - s * a;
  }
}
