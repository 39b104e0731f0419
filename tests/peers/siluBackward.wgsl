// dz = dy·σ(z)(1 + z(1 − σ(z))), written over z. All f32 [count]. One thread an element, 64 a workgroup. Called by
// masaStack.ts.

struct Params {
  count: u32, // elements
}

@group(0) @binding(0) var<storage, read_write> z: array<f32>; // becomes dz
@group(0) @binding(1) var<storage, read> dy: array<f32>;
@group(0) @binding(2) var<uniform> params: Params;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) thread: vec3u) {
  if (thread.x < params.count) {
    let s = sigmoid(z[thread.x]);
    z[thread.x] = dy[thread.x] * s * (1.0 + z[thread.x] * (1.0 - s));
  }
}
