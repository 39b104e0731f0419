// terms[n, h] = (lse[n, h], sum_d dO[n, h, d] * o[n, h, d]): the two numbers of a row that both halves of the
// attention backward need, side by side so that the larger half stays within eight storage buffers.
// Caller: ops/attention.ts. One thread a row and head, 64 a workgroup, reading floats or quads (lib/cells*.wgsl).

struct Params {
  count: u32,    // rows times heads, N * H
  head_dim: u32, // D
}

@group(0) @binding(0) var<storage, read> dO: array<Cell>;               // [N, H, D]
@group(0) @binding(1) var<storage, read> o: array<Cell>;                // [N, H, D]
@group(0) @binding(2) var<storage, read> lse: array<f32>;               // [N, H]
@group(0) @binding(3) var<storage, read_write> terms: array<vec2<f32>>; // [N, H]
@group(0) @binding(4) var<uniform> params: Params;

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
  let cells = params.head_dim / CELL;
  var products = Cell();
  for (var c = i * cells; c < (i + 1u) * cells; c++) {
    products += dO[c] * o[c];
  }
  terms[i] = vec2f(lse[i], sum_of(products));
}
