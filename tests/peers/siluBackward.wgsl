// dz = dy·σ(z)(1 + z(1 − σ(z))), written over z. All f32 [count, 4]. One thread four elements, 64 threads a workgroup.
// Called by masaStack.ts.

struct Params {
  count: u32, // vec4s
}

@group(0) @binding(0) var<storage, read_write> z: array<vec4f>; // becomes dz
@group(0) @binding(1) var<storage, read> dy: array<vec4f>;
@group(0) @binding(2) var<uniform> params: Params;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) thread: vec3u) {
  let i = thread.x;
  if (i < params.count) {
    let value = z[i];
    let s = 1.0 / (1.0 + exp(-value));
    z[i] = dy[i] * s * (1.0 + value * (1.0 - s));
  }
}
