// y[n, k] = Σ_c x[n, c] W[k, c], all f32: x [rows, inner], W [cols, inner], y [rows, cols], row-major.
//
// The product that everybody writes first, as a measure for the others: one thread an output, nothing shared, nothing
// unrolled. One workgroup of 8 × 8 threads covers 8 rows of 8 columns. Called by src/bench/naive.ts.

struct Params {
  rows: u32,  // N
  cols: u32,  // outputs
  inner: u32, // length of the sum over c
}

@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read> w: array<f32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;
@group(0) @binding(3) var<uniform> params: Params;

@compute @workgroup_size(8, 8)
fn main(@builtin(global_invocation_id) thread: vec3u) {
  let row = thread.y;
  let col = thread.x;
  if (row >= params.rows || col >= params.cols) {
    return;
  }
  var sum = 0.0;
  for (var c = 0u; c < params.inner; c++) {
    sum += x[row * params.inner + c] * w[col * params.inner + c];
  }
  y[row * params.cols + col] = sum;
}
