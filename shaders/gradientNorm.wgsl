// partials[w] = Σ over the blocks of workgroup w of g²
//
// First stage of the global gradient norm over the trainable tensors as PyTorch sees them: where one dA serves all
// E experts (plain sum), the blocks of every expert point at it, so it counts E times. Called by ops/adamw.ts.
//
//   gradient f32     blocks [count, 3] u32: first weight, first gradient element, length (at most 256)
//   partials [workgroups] f32; read by cells, as in adamw.wgsl
//
// One workgroup walks the blocks w, w + workgroups, … in order; the tree in lib/reduce.wgsl has a fixed order.

struct Params {
  blocks: u32, // number of blocks
}

@group(0) @binding(0) var<storage, read> gradient: array<Cell>;
@group(0) @binding(1) var<storage, read> blocks: array<u32>;
@group(0) @binding(2) var<storage, read_write> partials: array<f32>;
@group(0) @binding(3) var<uniform> params: Params;

const THREADS = 64u;

@compute @workgroup_size(THREADS)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) index: u32,
) {
  var sum = Cell();
  for (var block = group.x; block < params.blocks; block += groups.x) {
    let first = blocks[block * 3u + 1u] / CELL;
    let cells = blocks[block * 3u + 2u] / CELL;
    for (var i = index; i < cells; i += 64u) {
      let g = gradient[first + i];
      sum += g * g;
    }
  }
  let total = workgroup_sum(sum_of(sum), index);
  if (index == 0u) {
    partials[group.x] = total;
  }
}
