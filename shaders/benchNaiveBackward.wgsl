// dx[n, c] = Σ_k dy[n, k] W[k, c], all f32: dy [rows, outs], W [outs, cols], dx [rows, cols], row-major.
//
// The backward product as benchNaive.wgsl is the forward one: one thread an output. One workgroup of 8 × 8 threads
// covers 8 rows of 8 columns. Called by src/bench/naive.ts.

struct Params {
  rows: u32, // N
  outs: u32, // length of the sum over k
  cols: u32, // columns of dx
}

@group(0) @binding(0) var<storage, read> dy: array<f32>;
@group(0) @binding(1) var<storage, read> w: array<f32>;
@group(0) @binding(2) var<storage, read_write> dx: array<f32>;
@group(0) @binding(3) var<uniform> params: Params;

@compute @workgroup_size(8, 8)
fn main(@builtin(global_invocation_id) thread: vec3u) {
  let row = thread.y;
  let col = thread.x;
  if (row >= params.rows || col >= params.cols) {
    return;
  }
  var sum = 0.0;
  for (var k = 0u; k < params.outs; k++) {
    sum += dy[row * params.outs + k] * w[k * params.cols + col];
  }
  dx[row * params.cols + col] = sum;
}
