/** The 0.975 quantile of the normal distribution. */
const Z = 1.959963984540054;

/**
 * The 95 % Wilson score interval of a share: it stays within [0, 1], and keeps its level for few items and for shares
 * near 0 and 1, where share ± 1.96 standard errors does not (Wilson, J. Am. Stat. Assoc. 22, 1927).
 *
 * @param right number of hits, 0 to n
 * @param n number of trials, at least 1
 */
export function wilsonInterval(right: number, n: number): readonly [low: number, high: number] {
  const share = right / n;
  const scale = 1 + (Z * Z) / n;
  const centre = (share + (Z * Z) / (2 * n)) / scale;
  const half = (Z / scale) * Math.sqrt((share * (1 - share)) / n + (Z * Z) / (4 * n * n));
  // At the ends the bound is exact; rounding would leave it a little inside or outside.
  return [right === 0 ? 0 : centre - half, right === n ? 1 : centre + half];
}
