// target[n + row_offset, :] = source[n, :], the append to a key or value cache. Caller: ops/copyRows.ts.
// One thread an element, 64 a workgroup.

struct Params {
  rows: u32,  // rows of source
  width: u32, // elements in a row
}

@group(0) @binding(0) var<storage, read> source: array<f32>;            // [rows, width]
@group(0) @binding(1) var<storage, read_write> destination: array<f32>; // [row_offset + rows or more, width]
@group(0) @binding(2) var<uniform> params: Params;
@group(0) @binding(3) var<uniform> step: Step;

@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let i = (group.x + group.y * groups.x) * 64u + lane;
  if (i < params.rows * params.width) {
    destination[step.row_offset * params.width + i] = source[i];
  }
}
