// x[n, :] = weight[tokens[n], :] for the tokens that lie in one slice of the table. Caller: ops/embedding.ts, one
// launch per slice; together the launches write every row once. One workgroup a row, copied by cells: floats or, where
// the width allows, quads (lib/cells*.wgsl). weight [slice_rows, C] is bound by lib/weightCells*.wgsl.

const THREADS = 64u;

struct Params {
  rows: u32,        // N
  width: u32,       // C
  first_token: u32, // row of the whole table at which the slice starts
  slice_rows: u32,  // rows in the slice
}

@group(0) @binding(0) var<storage, read> tokens: array<u32>;   // [N], below V
@group(0) @binding(2) var<storage, read_write> x: array<Cell>; // [N, C]
@group(0) @binding(3) var<uniform> params: Params;

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
  let cells = params.width / CELL;
  // A token before the slice wraps to a huge number and is left out like one behind it.
  let token = tokens[n] - params.first_token;
  if (token < params.slice_rows) {
    for (var c = lane; c < cells; c += THREADS) {
      x[n * cells + c] = weight_cell(token * cells + c);
    }
  }
}
