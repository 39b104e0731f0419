/** y = silu(gate) ∘ up with silu(z) = z · σ(z); all [N, F]. */
export function swigluForward(gate: Float64Array, up: Float64Array): Float64Array {
  return gate.map((z, i) => z * sigmoid(z) * up[i]!);
}

/** g = dL/dy → dgate = g ∘ up ∘ σ(z)(1 + z(1 − σ(z))), dup = g ∘ silu(z). */
export function swigluBackward(
  gate: Float64Array,
  up: Float64Array,
  g: Float64Array,
): { dGate: Float64Array; dUp: Float64Array } {
  const dGate = gate.map((z, i) => g[i]! * up[i]! * sigmoid(z) * (1 + z * (1 - sigmoid(z))));
  const dUp = gate.map((z, i) => g[i]! * z * sigmoid(z));
  return { dGate, dUp };
}

function sigmoid(z: number): number {
  return 1 / (1 + Math.exp(-z));
}
