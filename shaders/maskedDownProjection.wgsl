// u[n, m·R + r] = Σ_i Σ_c a[m,i,r,c]·mask_{m,i}[n,c]·x[n,c]
//
// Down-projection with dropout for all modules that read the same x, in one launch: u = Σ_i A_i (M_i ∘ x) (method:
// MASA with dropout). With one shared mask per module there is one a per module, the sum of the A's; with a mask
// per expert the stacked A's are read. Called by ops/lowRank.ts.
//
//   x [N, inner] f32   a [modules, experts, rank, inner] f32   u [N, modules·rank] f32
//
// One workgroup covers 32 rows × 32 ranks of one module (workgroup_id.z), as in matmul.wgsl.

struct Params {
  rows: u32,       // N
  inner: u32,      // C, width of x
  rank: u32,       // R
  experts: u32,    // a's per module
  a_offset: u32,   // first element of a
  u_stride: u32,   // elements from row to row of u
  layer: u32,      // for the mask
  module0: u32,    // index of the first module, for the mask
  module1: u32,    // of the second
  module2: u32,    // of the third
  threshold: u32,  // round(p·2^32)
  kept: f32,       // 1 / (1 - p)
}

@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read> a: array<f32>;
@group(0) @binding(2) var<storage, read_write> u: array<f32>;
@group(0) @binding(3) var<uniform> params: Params;
@group(0) @binding(4) var<uniform> step: Step;

fn load_x(key: u32, row: u32, c: u32) -> f32 {
  if (row >= params.rows || c >= params.inner) {
    return 0.0;
  }
  let element = row * params.inner + c;
  return dropout_mask(key, element, params.threshold, params.kept) * x[element];
}

fn load_a(stack: u32, r: u32, c: u32) -> f32 {
  if (r >= params.rank || c >= params.inner) {
    return 0.0;
  }
  return a[params.a_offset + (stack * params.rank + r) * params.inner + c];
}

fn store(module_slot: u32, row: u32, r: u32, value: f32) {
  if (row < params.rows && r < params.rank) {
    u[row * params.u_stride + module_slot * params.rank + r] = value;
  }
}

fn store4(module_slot: u32, row: u32, r: u32, values: vec4f) {
  store(module_slot, row, r, values.x);
  store(module_slot, row, r + 1u, values.y);
  store(module_slot, row, r + 2u, values.z);
  store(module_slot, row, r + 3u, values.w);
}

@compute @workgroup_size(8, 8)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(local_invocation_id) thread: vec3u,
  @builtin(local_invocation_index) index: u32,
) {
  let first_row = group.y * 32u;
  let first_rank = group.x * 32u;
  let slot = group.z;
  let module_index = select(select(params.module2, params.module1, slot == 1u), params.module0, slot == 0u);
  let depth = index % DEPTH;
  let quad = index / DEPTH;
  var block = Block();

  for (var expert = 0u; expert < params.experts; expert++) {
    let key = dropout_key(step.seed, step.step, step.micro, params.layer, module_index, expert);
    let stack = slot * params.experts + expert;
    for (var c0 = 0u; c0 < params.inner; c0 += DEPTH) {
      let c = c0 + depth;
      for (var q = quad; q < 8u; q += 4u) {
        let n = first_row + q * 4u;
        let r = first_rank + q * 4u;
        left_tile[depth * 8u + q] =
          vec4f(load_x(key, n, c), load_x(key, n + 1u, c), load_x(key, n + 2u, c), load_x(key, n + 3u, c));
        right_tile[depth * 8u + q] =
          vec4f(load_a(stack, r, c), load_a(stack, r + 1u, c), load_a(stack, r + 2u, c), load_a(stack, r + 3u, c));
      }
      workgroupBarrier();
      block = add_product(block, thread, DEPTH);
      workgroupBarrier();
    }
  }

  let row = first_row + thread.y * 4u;
  let r = first_rank + thread.x * 4u;
  store4(slot, row, r, block.row0);
  store4(slot, row + 1u, r, block.row1);
  store4(slot, row + 2u, r, block.row2);
  store4(slot, row + 3u, r, block.row3);
}
