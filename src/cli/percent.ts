/** A share for a reader: 0.25 is "25.0 %". */
export function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}
