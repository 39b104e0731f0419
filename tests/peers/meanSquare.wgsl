// losses[n] = Σ_c (h[n,c] − y[n,c])² / count and dh = 2 (h − y) / count, count = N·C: the mean squared error, whose
// rows accumulateSum.wgsl adds up, and its gradient. All f32. One workgroup covers one row. Called by masaStack.ts.

struct Params {
  width: u32, // C
  count: u32, // N·C
}

@group(0) @binding(0) var<storage, read> h: array<f32>;           // [N, C]
@group(0) @binding(1) var<storage, read> y: array<f32>;           // [N, C]
@group(0) @binding(2) var<storage, read_write> losses: array<f32>; // [N]
@group(0) @binding(3) var<storage, read_write> dh: array<f32>;     // [N, C]
@group(0) @binding(4) var<uniform> params: Params;

const THREADS = 64u;

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let scale = 1.0 / f32(params.count);
  var sum = 0.0;
  for (var c = lane; c < params.width; c += THREADS) {
    let at = group.x * params.width + c;
    let error = h[at] - y[at];
    sum += error * error;
    dh[at] = 2.0 * scale * error;
  }
  let total = workgroup_sum(sum, lane);
  if (lane == 0u) {
    losses[group.x] = scale * total;
  }
}
