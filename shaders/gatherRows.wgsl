// gathered[n, c] = source[chosen[n], offset + c]: some columns of chosen rows. Caller: ops/gatherRows.ts.
//
//   chosen [rows] u32   source [source_rows, stride] f32   gathered [rows, width] f32
//
// One thread an element of gathered, 64 a workgroup.

struct Params {
  rows: u32,   // of gathered
  width: u32,  // columns of gathered
  stride: u32, // elements from row to row of source
  offset: u32, // first column of source
}

@group(0) @binding(0) var<storage, read> chosen: array<u32>;
@group(0) @binding(1) var<storage, read> source: array<f32>;
@group(0) @binding(2) var<storage, read_write> gathered: array<f32>;
@group(0) @binding(3) var<uniform> params: Params;

@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let i = (group.x + group.y * groups.x) * 64u + lane;
  if (i < params.rows * params.width) {
    gathered[i] = source[chosen[i / params.width] * params.stride + params.offset + i % params.width];
  }
}
