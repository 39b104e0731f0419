// scattered[chosen[n], :] = source[n, :], the append to a cache of keys or values; a row that is chosen outside is left
// out. Caller: ops/scatterRows.ts.
//
//   chosen [rows] u32, all different   source [rows, width] f32   scattered [scattered_rows, width] f32
//
// One thread an element of source, 64 a workgroup.

struct Params {
  rows: u32,           // of source
  width: u32,          // columns of both
  scattered_rows: u32, // of scattered
}

@group(0) @binding(0) var<storage, read> chosen: array<u32>;
@group(0) @binding(1) var<storage, read> source: array<f32>;
@group(0) @binding(2) var<storage, read_write> scattered: array<f32>;
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
  let row = chosen[i / params.width];
  if (row < params.scattered_rows) {
    scattered[row * params.width + i % params.width] = source[i];
  }
}
