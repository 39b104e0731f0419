// loss = Σ (h − y)² / (4·count) and dh = 2 (h − y) / (4·count): the mean squared error and its gradient. Each thread
// writes the part of the loss that its elements have, and accumulateSum.wgsl adds the parts up, in one fixed order.
//
//   h, y, dh [count, 4] f32     losses [threads launched] f32
//
// 64 threads a workgroup, each over every threads-launched-th vec4. Called by masaStack.ts.

struct Params {
  count: u32, // vec4s
}

@group(0) @binding(0) var<storage, read> h: array<vec4f>;
@group(0) @binding(1) var<storage, read> y: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> losses: array<f32>;
@group(0) @binding(3) var<storage, read_write> dh: array<vec4f>;
@group(0) @binding(4) var<uniform> params: Params;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) thread: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let scale = 0.25 / f32(params.count);
  var sum = vec4f();
  for (var i = thread.x; i < params.count; i += groups.x * 64u) {
    let error = h[i] - y[i];
    sum += error * error;
    dh[i] = 2.0 * scale * error;
  }
  losses[thread.x] = scale * ((sum.x + sum.y) + (sum.z + sum.w));
}
