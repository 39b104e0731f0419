// Sum and maximum over the threads of one workgroup, as a tree: one fixed order, so results repeat to the bit.
// The including shader declares `const THREADS`, a power of two, and has that workgroup size. Every thread calls
// these together (uniform control flow) and gets the same result.

var<workgroup> reduce_lanes: array<f32, THREADS>;

fn workgroup_sum(value: f32, lane: u32) -> f32 {
  workgroupBarrier(); // the result of an earlier call may still be being read
  reduce_lanes[lane] = value;
  workgroupBarrier();
  for (var stride = THREADS / 2u; stride > 0u; stride >>= 1u) {
    if (lane < stride) {
      reduce_lanes[lane] += reduce_lanes[lane + stride];
    }
    workgroupBarrier();
  }
  return reduce_lanes[0];
}

fn workgroup_max(value: f32, lane: u32) -> f32 {
  workgroupBarrier();
  reduce_lanes[lane] = value;
  workgroupBarrier();
  for (var stride = THREADS / 2u; stride > 0u; stride >>= 1u) {
    if (lane < stride) {
      reduce_lanes[lane] = max(reduce_lanes[lane], reduce_lanes[lane + stride]);
    }
    workgroupBarrier();
  }
  return reduce_lanes[0];
}
