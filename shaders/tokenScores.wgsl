// scores[n] = (log softmax(logits[n, :])[targets[n]], 1 where no logit of the row beats the target's, else 0). Of equal
// logits the one with the lowest index is the largest, as for argmax.
// Caller: ops/tokenScores.ts, for the rows that a continuation's log-likelihood is made of. One workgroup a row, read by
// cells: floats or, where V allows, quads (lib/cells*.wgsl).

// --- variant ---
const THREADS = 256u;
// --- end variant ---
const LOWEST = -3.4e38;

struct Params {
  rows: u32,
  vocab: u32, // V
}

@group(0) @binding(0) var<storage, read> logits: array<Cell>;       // [rows, V]
@group(0) @binding(1) var<storage, read> targets: array<u32>;       // [rows], below V
@group(0) @binding(2) var<storage, read_write> scores: array<vec2f>; // [rows]
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
  let cells = params.vocab / CELL;
  let row = n * cells;
  let goal = targets[n];
  let own = floats_of(goal / CELL) == CellIndex(goal);
  let logit = sum_of(select(Cell(), logits[row + goal / CELL], own));

  var peak = Cell(LOWEST);
  var beaten = Cell();
  for (var v = lane; v < cells; v += THREADS) {
    let cell = logits[row + v];
    peak = max(peak, cell);
    let equal = select(Cell(), Cell(1.0), cell == Cell(logit));
    beaten = select(beaten, Cell(1.0), cell > Cell(logit));
    beaten = select(beaten, max(beaten, equal), floats_of(v) < CellIndex(goal));
  }
  let largest = workgroup_max(max_of(peak), lane);
  let lost = workgroup_max(max_of(beaten), lane);
  var sum = Cell();
  for (var v = lane; v < cells; v += THREADS) {
    sum += exp(logits[row + v] - largest);
  }
  let total = workgroup_sum(sum_of(sum), lane);
  if (lane == 0u) {
    scores[n] = vec2f((logit - largest) - log(total), 1.0 - lost);
  }
}
