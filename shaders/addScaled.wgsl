// sum += scale·addend
//
// The plain addition of the unfused low-rank path, which the fused one is tested and timed against.
// Called by ops/lowRank/addScaled.ts.
//
// One thread owns one Cell: four elements where their count is a multiple of 4, else one (lib/cells*.wgsl).

struct Params {
  cells: u32, // length of both
  scale: f32, // factor of addend
}

@group(0) @binding(0) var<storage, read> addend: array<Cell>;
@group(0) @binding(1) var<storage, read_write> sum: array<Cell>;
@group(0) @binding(2) var<uniform> params: Params;

@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) index: u32,
) {
  let cell = (group.x + group.y * groups.x) * 64u + index;
  if (cell < params.cells) {
    sum[cell] += params.scale * addend[cell];
  }
}
