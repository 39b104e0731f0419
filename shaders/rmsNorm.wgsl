// y = x * rstd * weight with rstd = 1 / sqrt(mean(x^2) + eps), row by row. Caller: ops/rmsNorm.ts; rstd is kept
// for the backward. One workgroup a row.

// --- variant ---
const DTYPE = 0u;
// --- end variant ---
const THREADS = 64u;

struct Params {
  rows: u32,  // N
  width: u32, // C
  eps: f32,   // added to the mean square
}

@group(0) @binding(0) var<storage, read> x: array<f32>;          // [N, C]
@group(0) @binding(1) var<storage, read> weight: array<u32>;     // [C] in DTYPE
@group(0) @binding(2) var<storage, read_write> y: array<f32>;    // [N, C]
@group(0) @binding(3) var<storage, read_write> rstd: array<f32>; // [N]
@group(0) @binding(4) var<uniform> params: Params;

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
  var squares = 0.0;
  for (var c = lane; c < params.width; c += THREADS) {
    squares += x[row + c] * x[row + c];
  }
  let r = 1.0 / sqrt(workgroup_sum(squares, lane) / f32(params.width) + params.eps);
  for (var c = lane; c < params.width; c += THREADS) {
    y[row + c] = x[row + c] * r * weight_value(DTYPE, weight[weight_word(DTYPE, c)], c);
  }
  if (lane == 0u) {
    rstd[n] = r;
  }
}
