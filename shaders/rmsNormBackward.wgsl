// dx += rstd * h - rstd^3 * x * mean(x * h) with h = weight * dy, row by row. Accumulates: dx already holds the
// gradient that reaches the residual stream past the norm. No dweight, the base is frozen.
// Caller: ops/rmsNorm.ts. One workgroup a row.

// --- variant ---
const DTYPE = 0u;
// --- end variant ---
const THREADS = 64u;

struct Params {
  rows: u32,  // N
  width: u32, // C
}

@group(0) @binding(0) var<storage, read> dy: array<f32>;       // [N, C]
@group(0) @binding(1) var<storage, read> x: array<f32>;        // [N, C], input of the forward
@group(0) @binding(2) var<storage, read> weight: array<u32>;   // [C] in DTYPE
@group(0) @binding(3) var<storage, read> rstd: array<f32>;     // [N], from the forward
@group(0) @binding(4) var<storage, read_write> dx: array<f32>; // [N, C], added to
@group(0) @binding(5) var<uniform> params: Params;

@compute @workgroup_size(THREADS)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let n = group.x + group.y * groups.x;
  if (n >= params.rows) {
    return;
  }
  let row = n * params.width;
  var products = 0.0;
  for (var c = lane; c < params.width; c += THREADS) {
    products += x[row + c] * weight_value(DTYPE, weight[weight_word(DTYPE, c)], c) * dy[row + c];
  }
  let r = rstd[n];
  let along = r * r * workgroup_sum(products, lane) / f32(params.width);
  for (var c = lane; c < params.width; c += THREADS) {
    let h = weight_value(DTYPE, weight[weight_word(DTYPE, c)], c) * dy[row + c];
    dx[row + c] += r * (h - along * x[row + c]);
  }
}
