// a_eff[s,e] = Σ_i a[s,i,e]
//
// Sum of a group's experts, for every module and group at once: A_eff = Σ_i A_i (method: MASA; with a plain sum
// Σ_i A_i x = (Σ_i A_i) x, so nothing in a step depends on E). Run once per optimiser step.
// Called by ops/lowRank/presum.ts.
//
//   a [stacks, experts, elements] f32, one stack per module and group, found through `stacks`
//   stacks [count, 4] u32: first element in a, experts, elements of one A, first element in a_eff
//   a_eff f32, the sums, dense
//
// One thread owns one Cell of one stack (workgroup_id.y): four elements where all stacks are whole quads, else one.

// --- variant ---
const QUADS = true; // all numbers of `stacks` but the experts are multiples of 4
// --- end variant ---

@group(0) @binding(0) var<storage, read> a: array<Cell>;
@group(0) @binding(1) var<storage, read> stacks: array<vec4u>;
@group(0) @binding(2) var<storage, read_write> a_eff: array<Cell>;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) index: u32) {
  let stack = stacks[group.y];
  let cell = group.x * 64u + index;
  let cells = stack.z / CELL;
  if (cell < cells) {
    var sum = Cell();
    for (var expert = 0u; expert < stack.y; expert++) {
      sum += a[stack.x / CELL + expert * cells + cell];
    }
    a_eff[stack.w / CELL + cell] = sum;
  }
}
