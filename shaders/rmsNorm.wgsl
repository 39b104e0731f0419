// y = x * rstd * weight with rstd = 1 / sqrt(mean(x^2) + eps), row by row. Caller: ops/rmsNorm.ts; rstd is kept
// for the backward. One workgroup a row, read by cells: floats or, where the width allows, quads (lib/cells*.wgsl).
// weight [C] is bound by lib/weightCells*.wgsl.

// --- variant ---
const THREADS = 64u;
// --- end variant ---

struct Params {
  rows: u32,  // N
  width: u32, // C
  eps: f32,   // added to the mean square
}

@group(0) @binding(0) var<storage, read> x: array<Cell>;         // [N, C]
@group(0) @binding(2) var<storage, read_write> y: array<Cell>;   // [N, C]
@group(0) @binding(3) var<storage, read_write> rstd: array<f32>; // [N]
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
  let cells = params.width / CELL;
  let row = n * cells;
  var squares = Cell();
  for (var c = lane; c < cells; c += THREADS) {
    let value = x[row + c];
    squares += value * value;
  }
  let r = 1.0 / sqrt(workgroup_sum(sum_of(squares), lane) / f32(params.width) + params.eps);
  for (var c = lane; c < cells; c += THREADS) {
    y[row + c] = x[row + c] * r * weight_cell(c);
  }
  if (lane == 0u) {
    rstd[n] = r;
  }
}
