/** y = x / sqrt(mean(x²) + eps) ∘ weight, row by row: x [N, C], weight [C] → [N, C]. */
export function rmsNormForward(x: Float64Array, weight: Float64Array, eps: number): Float64Array {
  const C = weight.length;
  return x.map((value, i) => value * inverseRms(x, Math.floor(i / C), C, eps) * weight[i % C]!);
}

/** dx only (the weight is frozen): with w ∘ g = h and r = 1/rms, dx = r·h − r³·x·mean(x ∘ h). */
export function rmsNormBackward(
  x: Float64Array,
  weight: Float64Array,
  eps: number,
  g: Float64Array,
): Float64Array {
  const C = weight.length;
  const dx = new Float64Array(x.length);
  for (let n = 0; n < x.length / C; n++) {
    const r = inverseRms(x, n, C, eps);
    let dot = 0;
    for (let c = 0; c < C; c++) dot += x[n * C + c]! * weight[c]! * g[n * C + c]!;
    for (let c = 0; c < C; c++) {
      dx[n * C + c] = r * weight[c]! * g[n * C + c]! - (r ** 3 * x[n * C + c]! * dot) / C;
    }
  }
  return dx;
}

/** 1 / sqrt(mean(x²) + eps) of row n. */
function inverseRms(x: Float64Array, n: number, C: number, eps: number): number {
  let sum = 0;
  for (let c = 0; c < C; c++) sum += x[n * C + c]! ** 2;
  return 1 / Math.sqrt(sum / C + eps);
}
