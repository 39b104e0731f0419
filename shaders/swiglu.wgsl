// y = silu(gate) * up with silu(z) = z * sigmoid(z). Caller: ops/swiglu.ts. One thread an element, 64 a workgroup.

struct Params {
  count: u32, // elements, N * F
}

@group(0) @binding(0) var<storage, read> gate: array<f32>;    // [N, F]
@group(0) @binding(1) var<storage, read> up: array<f32>;      // [N, F]
@group(0) @binding(2) var<storage, read_write> y: array<f32>; // [N, F]
@group(0) @binding(3) var<uniform> params: Params;

@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let i = (group.x + group.y * groups.x) * 64u + lane;
  if (i < params.count) {
    y[i] = gate[i] * sigmoid(gate[i]) * up[i];
  }
}
