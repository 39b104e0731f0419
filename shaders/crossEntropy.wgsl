// losses[n] = logsumexp(logits[n, :]) - logits[n, target] in nats, and logits overwritten by
// dlogits = (softmax - onehot) * inv_tokens; both 0 for rows whose target is negative (ignored).
// Caller: ops/crossEntropy.ts, for a chunk of rows at a time, so that no [N, V] tensor exists. One workgroup a row.

const THREADS = 256u;
const LOWEST = -3.4e38;

struct Params {
  rows: u32,      // rows of the chunk
  first_row: u32, // row of targets and losses at which the chunk starts
  vocab: u32,     // V
}

@group(0) @binding(0) var<storage, read_write> logits: array<f32>; // [rows, V], becomes dlogits
@group(0) @binding(1) var<storage, read> targets: array<i32>;      // [N], -100 = ignored
@group(0) @binding(2) var<storage, read_write> losses: array<f32>; // [N]
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
  let row = n * params.vocab;
  let ignored = targets[params.first_row + n] < 0;
  let goal = u32(max(targets[params.first_row + n], 0));

  var largest = LOWEST;
  for (var v = lane; v < params.vocab; v += THREADS) {
    largest = max(largest, logits[row + v]);
  }
  largest = workgroup_max(largest, lane);
  var total = 0.0;
  for (var v = lane; v < params.vocab; v += THREADS) {
    total += exp(logits[row + v] - largest);
  }
  total = workgroup_sum(total, lane);
  if (lane == 0u) {
    losses[params.first_row + n] = select(log(total) + (largest - logits[row + goal]), 0.0, ignored);
  }
  // The target's logit is read above by one thread and overwritten below by another.
  storageBarrier();

  for (var v = lane; v < params.vocab; v += THREADS) {
    let difference = exp(logits[row + v] - largest) / total - select(0.0, 1.0, v == goal);
    logits[row + v] = select(difference * step.inv_tokens, 0.0, ignored);
  }
}
