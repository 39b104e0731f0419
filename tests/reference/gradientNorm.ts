/**
 * Global L2 norm over all trainable tensors. The gradient holds one dA for each of the E experts, as
 * PyTorch sees the parameters, so under a plain sum (equal dA_i) ‖dA‖² counts E times.
 */
export function gradientNorm(gradient: Float64Array): number {
  return Math.sqrt(gradient.reduce((sum, value) => sum + value * value, 0));
}

/** Factor on every gradient, as torch.nn.utils.clip_grad_norm_: maxNorm / (norm + 1e-6), at most 1. */
export function clipCoefficient(norm: number, maxNorm: number): number {
  return Math.min(1, maxNorm / (norm + 1e-6));
}
