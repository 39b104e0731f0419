// Rotates the pairs (j, j + D/2) of every head by the angle of the row's position, in place:
// (a, b) -> (a cos - b sin, b cos + a sin). With sign = -1 the inverse, which is the backward.
// Caller: ops/rope.ts. One thread a pair, 64 a workgroup.

struct Params {
  rows: u32,  // N
  heads: u32, // heads in a row, H or K
  half: u32,  // D/2, pairs in a head
  sign: f32,  // 1 forward, -1 backward
}

@group(0) @binding(0) var<storage, read_write> x: array<f32>;     // [N, heads * D]
@group(0) @binding(1) var<storage, read> positions: array<u32>;   // [N], position within the example
@group(0) @binding(2) var<storage, read> table: array<vec2<f32>>; // [positions, D/2] (cos, sin)
@group(0) @binding(3) var<uniform> params: Params;

@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let i = (group.x + group.y * groups.x) * 64u + lane;
  if (i >= params.rows * params.heads * params.half) {
    return;
  }
  let j = i % params.half;
  let head = i / params.half; // of all rows
  let n = head / params.heads;
  let turn = table[positions[n] * params.half + j];
  let s = params.sign * turn.y;
  let low = head * 2u * params.half + j;
  let high = low + params.half;
  let a = x[low];
  let b = x[high];
  x[low] = a * turn.x - b * s;
  x[high] = b * turn.x + a * s;
}
