// sums[slot] += sum of values[0 .. count), always in the same order. Caller: ops/sumLosses.ts. One workgroup in all.

const THREADS = 256u;

struct Params {
  count: u32, // values
  slot: u32,  // element of sums that is added to
}

@group(0) @binding(0) var<storage, read> values: array<f32>;     // [count]
@group(0) @binding(1) var<storage, read_write> sums: array<f32>; // [slots]
@group(0) @binding(2) var<uniform> params: Params;

@compute @workgroup_size(THREADS)
fn main(@builtin(local_invocation_index) lane: u32) {
  var total = 0.0;
  for (var i = lane; i < params.count; i += THREADS) {
    total += values[i];
  }
  total = workgroup_sum(total, lane);
  if (lane == 0u) {
    sums[params.slot] += total;
  }
}
