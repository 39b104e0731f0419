// Rotates the pairs (j, j + D/2) of every head of q and k by the angle of the row's position, in place:
// (a, b) -> (a cos - b sin, b cos + a sin). With sign = -1 the inverse, which is the backward.
// Caller: ops/rope.ts. One workgroup a row; a thread turns the same cell of pairs in one head after another. Cells are
// floats or, where half a head allows, quads (lib/cells*.wgsl).

const THREADS = 32u;

struct Params {
  rows: u32,     // N
  heads: u32,    // H
  kv_heads: u32, // K
  half: u32,     // D/2, pairs in a head
  sign: f32,     // 1 forward, -1 backward
}

@group(0) @binding(0) var<storage, read_write> q: array<Cell>;  // [N, H, D]
@group(0) @binding(1) var<storage, read_write> k: array<Cell>;  // [N, K, D]
@group(0) @binding(2) var<storage, read> positions: array<u32>; // [N], position within the example
@group(0) @binding(3) var<storage, read> table: array<Cell>;    // [positions, 2, D/2] cosines, then sines
@group(0) @binding(4) var<uniform> params: Params;

@compute @workgroup_size(THREADS)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let n = group.x + group.y * groups.x;
  if (n >= params.rows) {
    return;
  }
  let cells = params.half / CELL;
  let width = min(cells, THREADS);
  let abreast = THREADS / width; // heads that are turned at once
  let first = lane / width;
  if (first >= abreast) {
    return;
  }
  for (var j = lane % width; j < cells; j += width) {
    let cosine = table[positions[n] * 2u * cells + j];
    let sine = params.sign * table[(positions[n] * 2u + 1u) * cells + j];
    for (var head = first; head < params.heads; head += abreast) {
      let i = (n * params.heads + head) * 2u * cells + j;
      let a = q[i];
      let b = q[i + cells];
      q[i] = a * cosine - b * sine;
      q[i + cells] = b * cosine + a * sine;
    }
    for (var head = first; head < params.kv_heads; head += abreast) {
      let i = (n * params.kv_heads + head) * 2u * cells + j;
      let a = k[i];
      let b = k[i + cells];
      k[i] = a * cosine - b * sine;
      k[i + cells] = b * cosine + a * sine;
    }
  }
}
