// packed[s][o, i·R + r] = b[s][i, o, r]
//
// The up-projections B_i of a module side by side, as one matrix of rank E·R, which the frozen product adds like any
// other (lib/matmul.wgsl): Σ_i B_i v_i = [B_1 … B_E] v (method.md, section 2). Run once per optimiser step.
// Called by ops/lowRank/packHeads.ts.
//
//   b f32, stacks of E matrices [out, rank], found through `stacks`
//   stacks [count, 4] u32: first element in b, experts, elements of one matrix, first element in packed
//   packed f32, the same elements in another order
//
// One thread owns one element of one stack (workgroup_id.y).

struct Params {
  rank: u32,  // R
}

@group(0) @binding(0) var<storage, read> b: array<f32>;
@group(0) @binding(1) var<storage, read> stacks: array<vec4u>;
@group(0) @binding(2) var<storage, read_write> packed: array<f32>;
@group(0) @binding(3) var<uniform> params: Params;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) index: u32) {
  let stack = stacks[group.y];
  let element = group.x * 64u + index;
  if (element < stack.y * stack.z) {
    let column = element % (stack.y * params.rank);
    let row = element / (stack.y * params.rank);
    let expert = column / params.rank;
    packed[stack.w + element] = b[stack.x + expert * stack.z + row * params.rank + column % params.rank];
  }
}
