// x[n, :] = table[tokens[n], :] for the tokens that lie in one slice of the table. Caller: ops/embedding.ts, one
// launch per slice; together the launches write every row once. One thread an element, 64 a workgroup.

// --- variant ---
const DTYPE = 0u;
// --- end variant ---

struct Params {
  rows: u32,        // N
  width: u32,       // C
  first_token: u32, // row of the whole table at which the slice starts
  slice_rows: u32,  // rows in the slice
}

@group(0) @binding(0) var<storage, read> tokens: array<u32>;  // [N], below V
@group(0) @binding(1) var<storage, read> table: array<u32>;   // [slice_rows, C] in DTYPE
@group(0) @binding(2) var<storage, read_write> x: array<f32>; // [N, C]
@group(0) @binding(3) var<uniform> params: Params;

@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let i = (group.x + group.y * groups.x) * 64u + lane;
  if (i >= params.rows * params.width) {
    return;
  }
  // A token before the slice wraps to a huge number and is left out like one behind it.
  let row = tokens[i / params.width] - params.first_token;
  if (row < params.slice_rows) {
    let element = row * params.width + i % params.width;
    x[i] = weight_value(DTYPE, table[weight_word(DTYPE, element)], element);
  }
}
