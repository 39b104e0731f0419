// C = A B, all f32 [512, 512], row-major: the plain kernel in which the steps' times are given. No workgroup memory,
// no subgroup operation; each thread keeps 4 × 4 sums in registers. One workgroup of 8 × 8 threads covers 32 × 32
// of C. Called by yardstick.ts.

@group(0) @binding(0) var<storage, read> a: array<vec4f>;
@group(0) @binding(1) var<storage, read> b: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> c: array<vec4f>;

const QUADS = 128u; // vec4s in a row

@compute @workgroup_size(8, 8)
fn main(@builtin(global_invocation_id) thread: vec3u) {
  let row = thread.y * 4u;
  let column = thread.x;
  var sum0 = vec4f();
  var sum1 = vec4f();
  var sum2 = vec4f();
  var sum3 = vec4f();
  for (var k = 0u; k < QUADS; k++) {
    let a0 = a[row * QUADS + k];
    let a1 = a[(row + 1u) * QUADS + k];
    let a2 = a[(row + 2u) * QUADS + k];
    let a3 = a[(row + 3u) * QUADS + k];
    let b0 = b[(k * 4u) * QUADS + column];
    let b1 = b[(k * 4u + 1u) * QUADS + column];
    let b2 = b[(k * 4u + 2u) * QUADS + column];
    let b3 = b[(k * 4u + 3u) * QUADS + column];
    sum0 += a0.x * b0 + a0.y * b1 + a0.z * b2 + a0.w * b3;
    sum1 += a1.x * b0 + a1.y * b1 + a1.z * b2 + a1.w * b3;
    sum2 += a2.x * b0 + a2.y * b1 + a2.z * b2 + a2.w * b3;
    sum3 += a3.x * b0 + a3.y * b1 + a3.z * b2 + a3.w * b3;
  }
  c[row * QUADS + column] = sum0;
  c[(row + 1u) * QUADS + column] = sum1;
  c[(row + 2u) * QUADS + column] = sum2;
  c[(row + 3u) * QUADS + column] = sum3;
}
