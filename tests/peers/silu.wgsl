// y = z·σ(z). All f32 [count]. One thread an element, 64 a workgroup. Called by masaStack.ts.

struct Params {
  count: u32, // elements
}

@group(0) @binding(0) var<storage, read> z: array<f32>;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;
@group(0) @binding(2) var<uniform> params: Params;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) thread: vec3u) {
  if (thread.x < params.count) {
    y[thread.x] = z[thread.x] * sigmoid(z[thread.x]);
  }
}
