// dx += rstd * h - rstd^3 * x * mean(x * h) with h = weight * dy, row by row. Accumulates: dx already holds the
// gradient that reaches the residual stream past the norm. No dweight, the base is frozen.
// Caller: ops/rmsNorm.ts. One workgroup a row, read by cells: floats or, where the width allows, quads
// (lib/cells*.wgsl). weight [C] is bound by lib/weightCells*.wgsl.

// --- variant ---
const THREADS = 64u;
// --- end variant ---

struct Params {
  rows: u32,  // N
  width: u32, // C
}

@group(0) @binding(0) var<storage, read> dy: array<Cell>;       // [N, C]
@group(0) @binding(2) var<storage, read> x: array<Cell>;        // [N, C], input of the forward
@group(0) @binding(3) var<storage, read> rstd: array<f32>;      // [N], from the forward
@group(0) @binding(4) var<storage, read_write> dx: array<Cell>; // [N, C], added to
@group(0) @binding(5) var<uniform> params: Params;

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
  var products = Cell();
  for (var c = lane; c < cells; c += THREADS) {
    products += x[row + c] * weight_cell(c) * dy[row + c];
  }
  let r = rstd[n];
  let along = r * r * workgroup_sum(sum_of(products), lane) / f32(params.width);
  for (var c = lane; c < cells; c += THREADS) {
    dx[row + c] += r * (weight_cell(c) * dy[row + c] - along * x[row + c]);
  }
}
