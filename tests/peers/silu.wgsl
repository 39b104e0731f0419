// y = z·σ(z). All f32 [count, 4]. One thread four elements, 64 threads a workgroup. Called by masaStack.ts.

struct Params {
  count: u32, // vec4s
}

@group(0) @binding(0) var<storage, read> z: array<vec4f>;
@group(0) @binding(1) var<storage, read_write> y: array<vec4f>;
@group(0) @binding(2) var<uniform> params: Params;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) thread: vec3u) {
  let i = thread.x;
  if (i < params.count) {
    let value = z[i];
    y[i] = value / (1.0 + exp(-value));
  }
}
