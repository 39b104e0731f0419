/** y = x Wᵀ: x [N, K], w [M, K] → y [N, M]. The forward of a linear layer, W as in Hugging Face files. */
export function matmulNT(x: Float64Array, w: Float64Array, N: number, K: number, M: number): Float64Array {
  const y = new Float64Array(N * M);
  for (let n = 0; n < N; n++) {
    for (let m = 0; m < M; m++) {
      let sum = 0;
      for (let k = 0; k < K; k++) sum += x[n * K + k]! * w[m * K + k]!;
      y[n * M + m] = sum;
    }
  }
  return y;
}

/** dx = g W: g [N, M], w [M, K] → dx [N, K]. The backward of a linear layer through the same stored W. */
export function matmulNN(g: Float64Array, w: Float64Array, N: number, M: number, K: number): Float64Array {
  const dx = new Float64Array(N * K);
  for (let n = 0; n < N; n++) {
    for (let m = 0; m < M; m++) {
      const gnm = g[n * M + m]!;
      for (let k = 0; k < K; k++) dx[n * K + k]! += gnm * w[m * K + k]!;
    }
  }
  return dx;
}

/** dW = gᵀ x: g [N, M], x [N, K] → dW [M, K]. Used for the adapter's weights; the base never needs it. */
export function matmulTN(g: Float64Array, x: Float64Array, N: number, M: number, K: number): Float64Array {
  const dw = new Float64Array(M * K);
  for (let n = 0; n < N; n++) {
    for (let m = 0; m < M; m++) {
      const gnm = g[n * M + m]!;
      for (let k = 0; k < K; k++) dw[m * K + k]! += gnm * x[n * K + k]!;
    }
  }
  return dw;
}

/** a += b, element by element. */
export function addInto(a: Float64Array, b: Float64Array): void {
  for (let i = 0; i < a.length; i++) a[i]! += b[i]!;
}
