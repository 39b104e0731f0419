// dgate = dy * up * s * (1 + gate * (1 - s)) and dup = dy * gate * s with s = sigmoid(gate), written over gate and
// up, which nothing needs afterwards. Caller: ops/swiglu.ts. One thread an element, 64 a workgroup.

struct Params {
  count: u32, // elements, N * F
}

@group(0) @binding(0) var<storage, read_write> gate: array<f32>; // [N, F], becomes dgate
@group(0) @binding(1) var<storage, read_write> up: array<f32>;   // [N, F], becomes dup
@group(0) @binding(2) var<storage, read> dy: array<f32>;         // [N, F]
@group(0) @binding(3) var<uniform> params: Params;

@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let i = (group.x + group.y * groups.x) * 64u + lane;
  if (i >= params.count) {
    return;
  }
  let z = gate[i];
  let s = sigmoid(z);
  gate[i] = dy[i] * up[i] * s * (1.0 + z * (1.0 - s));
  up[i] = dy[i] * z * s;
}
