// dm[j,k] += scale·Σ_n p[n,j]·mask[n,k]·q[n,k]
//
// Gradient of one side of the low-rank pair, summed over the rows: dB = s·gᵀ u (p = u, q = dy, written transposed)
// and dA = duᵀ (M ∘ x) (p = du, q = x) (method: MASA, backward). Always adds: over the micro-batches of a step and,
// for the A's, over the layers of a group. Called by ops/lowRank.ts.
//
//   p [N, p_stride] f32, its `narrow` columns from p_offset     q [N, wide] f32
//   dm f32, element (j, k) at dm_offset + j·narrow_stride + k·wide_stride
//
// One workgroup covers 8 columns of p × 64 columns of q; every thread owns one column of q and walks all rows in
// order, so that the sum has one fixed order.

// --- variant ---
const DROPOUT = false; // mask q
// --- end variant ---

struct Params {
  rows: u32,           // N
  narrow: u32,         // columns of p (ranks)
  p_stride: u32,       // elements from row to row of p
  p_offset: u32,       // first column of p
  wide: u32,           // columns of q
  dm_offset: u32,      // first element of dm
  narrow_stride: u32,  // elements from rank to rank of dm
  wide_stride: u32,    // elements from column to column of dm
  scale: f32,          // factor of the sum
  layer: u32,          // for the mask
  module_index: u32,   // for the mask
  expert: u32,         // for the mask
  threshold: u32,      // round(p·2^32)
  kept: f32,           // 1 / (1 - p)
}

@group(0) @binding(0) var<storage, read> p: array<f32>;
@group(0) @binding(1) var<storage, read> q: array<f32>;
@group(0) @binding(2) var<storage, read_write> dm: array<f32>;
@group(0) @binding(3) var<uniform> params: Params;
@group(0) @binding(4) var<uniform> step: Step;

const DEPTH = 16u; // rows per tile

var<workgroup> p_tile: array<vec4f, 32>; // [DEPTH, 8 columns / 4]

fn load_p(row: u32, j: u32) -> f32 {
  if (row >= params.rows || j >= params.narrow) {
    return 0.0;
  }
  return p[row * params.p_stride + params.p_offset + j];
}

fn add(j: u32, k: u32, value: f32) {
  if (j < params.narrow && k < params.wide) {
    dm[params.dm_offset + j * params.narrow_stride + k * params.wide_stride] += params.scale * value;
  }
}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) index: u32) {
  let j = group.y * 8u;
  let k = group.x * 64u + index;
  let column = min(k, params.wide - 1u);
  let key =
    dropout_key(step.seed, step.step, step.micro, params.layer, params.module_index, params.expert);
  var acc0 = vec4f();
  var acc1 = vec4f();

  for (var n0 = 0u; n0 < params.rows; n0 += DEPTH) {
    if (index < 32u) {
      let row = n0 + index / 2u;
      let first = j + (index % 2u) * 4u;
      p_tile[index] =
        vec4f(load_p(row, first), load_p(row, first + 1u), load_p(row, first + 2u), load_p(row, first + 3u));
    }
    workgroupBarrier();
    for (var i = 0u; i < min(DEPTH, params.rows - n0); i++) {
      let element = (n0 + i) * params.wide + column;
      var value = q[element];
      if (DROPOUT) {
        value *= dropout_mask(key, element, params.threshold, params.kept);
      }
      acc0 += p_tile[i * 2u] * value;
      acc1 += p_tile[i * 2u + 1u] * value;
    }
    workgroupBarrier();
  }

  add(j, k, acc0.x);
  add(j + 1u, k, acc0.y);
  add(j + 2u, k, acc0.z);
  add(j + 3u, k, acc0.w);
  add(j + 4u, k, acc1.x);
  add(j + 5u, k, acc1.y);
  add(j + 6u, k, acc1.z);
  add(j + 7u, k, acc1.w);
}
