/** Rows of the table: table [V, C], tokens [N] → [N, C]. No backward: the base is frozen. */
export function embedding(table: Float64Array, tokens: ArrayLike<number>, C: number): Float64Array {
  const out = new Float64Array(tokens.length * C);
  for (let n = 0; n < tokens.length; n++) {
    const token = tokens[n]!;
    out.set(table.subarray(token * C, (token + 1) * C), n * C);
  }
  return out;
}
