// losses[n] = logsumexp(logits[n, :]) - logits[n, target] in nats, and logits overwritten by
// dlogits = (softmax - onehot) * inv_tokens; both 0 for rows whose target is negative (ignored).
// Caller: ops/crossEntropy.ts, for a chunk of rows at a time, so that no [N, V] tensor exists. One workgroup a row, read
// by cells: floats or, where V allows, quads (lib/cells*.wgsl).

// --- variant ---
const THREADS = 256u;
// --- end variant ---
const LOWEST = -3.4e38;

struct Params {
  rows: u32,      // rows of the chunk
  first_row: u32, // row of targets and losses at which the chunk starts
  vocab: u32,     // V
}

@group(0) @binding(0) var<storage, read_write> logits: array<Cell>; // [rows, V], becomes dlogits
@group(0) @binding(1) var<storage, read> targets: array<i32>;       // [N], -100 = ignored
@group(0) @binding(2) var<storage, read_write> losses: array<f32>;  // [N]
@group(0) @binding(3) var<uniform> params: Params;
@group(0) @binding(4) var<uniform> step: Step;

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
  let ignored = targets[params.first_row + n] < 0;
  let goal = u32(max(targets[params.first_row + n], 0));

  var peak = Cell(LOWEST);
  for (var v = lane; v < cells; v += THREADS) {
    peak = max(peak, logits[row + v]);
  }
  let largest = workgroup_max(max_of(peak), lane);
  var sum = Cell();
  for (var v = lane; v < cells; v += THREADS) {
    sum += exp(logits[row + v] - largest);
  }
  let total = workgroup_sum(sum_of(sum), lane);
  if (lane == 0u) {
    let logit = sum_of(select(Cell(), logits[row + goal / CELL], floats_of(goal / CELL) == CellIndex(goal)));
    losses[params.first_row + n] = select(log(total) + (largest - logit), 0.0, ignored);
  }
  // The target's logit is read above by one thread and overwritten below by another.
  storageBarrier();

  for (var v = lane; v < cells; v += THREADS) {
    let hit = select(Cell(), Cell(1.0), floats_of(v) == CellIndex(goal));
    let difference = exp(logits[row + v] - largest) / total - hit;
    logits[row + v] = select(difference * step.inv_tokens, Cell(), ignored);
  }
}
