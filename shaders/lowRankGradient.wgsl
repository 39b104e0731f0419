// dm_m[i][j,k] += scale·Σ_n p[n, m·R + j]·mask_{m,i}[n,k]·q_m[n,k]
//
// Gradients of one side of the low-rank pairs of all modules that read the same x, in one launch, summed over the
// rows: dB = s·gᵀ u (p = u, q = dy of each module, written transposed) and dA = duᵀ (M ∘ x) (p = du, q = x; one for
// each expert i with a mask of its own) (method: MASA, backward). Where a router weighs the experts, each has a p of its
// own, one beside the other; where their masked q's belong to one A (HydraLoRA), they are summed. Always adds: over the micro-batches of a step and,
// for the A's, over the layers of a group. Called by ops/lowRank/gradient.ts.
//
//   p [N, p_stride] f32      q0, q1, q2 [N, wide of that module] f32
//   dm f32, element (j, k) of expert i at dm_offset + i·rank·wide + j·narrow_stride + k·wide_stride
//
// One workgroup covers 8 ranks × 8·TILES columns of one module and expert (workgroup_id.z). SLICES threads share 8
// columns, each summing over every SLICES-th row (lib/slices.wgsl).

// --- variant ---
const QUADS = true;    // rank, p_stride and the wides are multiples of 4
const DROPOUT = false; // mask q
const SUMMED = false;  // one gradient, the sum over a module's heads, each with its mask
// --- end variant ---

struct Params {
  rows: u32,           // N
  rank: u32,           // ranks of one module, or of all of them where they share q and no mask is needed
  p_stride: u32,       // elements from row to row of p
  narrow_stride: u32,  // elements from rank to rank of dm
  wide_stride: u32,    // elements from column to column of dm
  scale: f32,          // factor of the sum
  wide0: u32,          // width of the first module's q
  wide1: u32,          // of the second's
  wide2: u32,          // of the third's
  dm_offset0: u32,     // first element of the first module's gradient
  dm_offset1: u32,     // of the second's
  dm_offset2: u32,     // of the third's
  experts: u32,        // gradients of a module
  heads: u32,          // p's of a module: one for each gradient, or one for all; where SUMMED the terms of the sum
  layer: u32,          // for the mask
  module0: u32,        // index of the first module, for the mask
  module1: u32,        // of the second
  module2: u32,        // of the third
  threshold: u32,      // round(p·2^32)
  kept: f32,           // 1 / (1 - p)
}

@group(0) @binding(0) var<storage, read> p: array<Cell>;
@group(0) @binding(1) var<storage, read> q0: array<Cell>;
@group(0) @binding(2) var<storage, read> q1: array<Cell>;
@group(0) @binding(3) var<storage, read> q2: array<Cell>;
@group(0) @binding(4) var<storage, read_write> dm: array<f32>;
@group(0) @binding(5) var<uniform> params: Params;
@group(0) @binding(6) var<uniform> step: Step;

const THREADS = 32u;
const SLICES = 8u;
const QUADS_OF_TILE = 16u; // 8 ranks × 8 columns
const TILE_STEP = 1u;
const SLICE_STEP = TILES;

// Columns and ranks past the end give something that nobody stores.
fn load_p(i: u32) -> vec4f {
  if (QUADS) {
    return vec4f(p[i / 4u]);
  }
  return vec4f(first_of(p[i]), first_of(p[i + 1u]), first_of(p[i + 2u]), first_of(p[i + 3u]));
}

// By a parameter, not by a kernel for each number of modules: these take drivers long to compile.
fn q_cell(slot: u32, i: u32) -> Cell {
  if (slot == 1u) {
    return q1[i];
  }
  if (slot == 2u) {
    return q2[i];
  }
  return q0[i];
}

fn load_q(slot: u32, i: u32) -> vec4f {
  if (QUADS) {
    return vec4f(q_cell(slot, i / 4u));
  }
  return vec4f(
    first_of(q_cell(slot, i)), first_of(q_cell(slot, i + 1u)),
    first_of(q_cell(slot, i + 2u)), first_of(q_cell(slot, i + 3u)));
}

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) index: u32) {
  let slot = group.z / params.experts;
  let expert = group.z % params.experts;
  let wide = select(select(params.wide2, params.wide1, slot == 1u), params.wide0, slot == 0u);
  let dm_offset = select(select(params.dm_offset2, params.dm_offset1, slot == 1u), params.dm_offset0, slot == 0u);
  let module_index = select(select(params.module2, params.module1, slot == 1u), params.module0, slot == 0u);
  let key = dropout_key(step.seed, step.step, step.micro, params.layer, module_index, expert);
  let first_p = (slot * params.heads + expert % params.heads) * params.rank;
  let j = group.y * 8u;
  let first_column = group.x * TILES * 8u;
  let k = first_column + index % TILES * 8u;
  var low$j = vec4f();
  var high$j = vec4f();

  for (var n = index / TILES; n < params.rows; n += SLICES) {
    let at_q = n * wide + k;
    var q_low = load_q(slot, at_q);
    var q_high = load_q(slot, at_q + 4u);
    if (SUMMED) {
      let low_hashes = element_hashes(at_q);
      let high_hashes = element_hashes(at_q + 4u);
      for (var head = 0u; head < params.heads; head++) {
        let at_term = n * params.p_stride + (slot * params.heads + head) * params.rank + j;
        let term_key = dropout_key(step.seed, step.step, step.micro, params.layer, module_index, head);
        let term_p_low = load_p(at_term);
        let term_p_high = load_p(at_term + 4u);
        let term_low = q_low * dropout_masks(term_key, low_hashes, params.threshold, params.kept);
        let term_high = q_high * dropout_masks(term_key, high_hashes, params.threshold, params.kept);
        low0 += term_p_low.x * term_low;
        low1 += term_p_low.y * term_low;
        low2 += term_p_low.z * term_low;
        low3 += term_p_low.w * term_low;
        low4 += term_p_high.x * term_low;
        low5 += term_p_high.y * term_low;
        low6 += term_p_high.z * term_low;
        low7 += term_p_high.w * term_low;
        high0 += term_p_low.x * term_high;
        high1 += term_p_low.y * term_high;
        high2 += term_p_low.z * term_high;
        high3 += term_p_low.w * term_high;
        high4 += term_p_high.x * term_high;
        high5 += term_p_high.y * term_high;
        high6 += term_p_high.z * term_high;
        high7 += term_p_high.w * term_high;
      }
      continue;
    }
    let at_p = n * params.p_stride + first_p + j;
    let p_low = load_p(at_p);
    let p_high = load_p(at_p + 4u);
    if (DROPOUT) {
      q_low *= dropout_masks(key, element_hashes(at_q), params.threshold, params.kept);
      q_high *= dropout_masks(key, element_hashes(at_q + 4u), params.threshold, params.kept);
    }
    low0 += p_low.x * q_low;
    low1 += p_low.y * q_low;
    low2 += p_low.z * q_low;
    low3 += p_low.w * q_low;
    low4 += p_high.x * q_low;
    low5 += p_high.y * q_low;
    low6 += p_high.z * q_low;
    low7 += p_high.w * q_low;
    high0 += p_low.x * q_high;
    high1 += p_low.y * q_high;
    high2 += p_low.z * q_high;
    high3 += p_low.w * q_high;
    high4 += p_high.x * q_high;
    high5 += p_high.y * q_high;
    high6 += p_high.z * q_high;
    high7 += p_high.w * q_high;
  }

  keep(index, 2u * $ju, low$j);
  keep(index, 2u * $ju + 1u, high$j);
  workgroupBarrier();

  let first = dm_offset + expert * params.rank * wide;
  for (var output = index; output < TILES * QUADS_OF_TILE; output += THREADS) {
    let tile = output % TILES;
    let quad = output / TILES;
    let sum = params.scale * total(tile, quad);
    let rank = j + quad / 2u;
    let column = first_column + tile * 8u + quad % 2u * 4u;
    let at = first + rank * params.narrow_stride + column * params.wide_stride;
    if (rank < params.rank) {
      if (column < wide) {
        dm[at] += sum.x;
      }
      if (column + 1u < wide) {
        dm[at + params.wide_stride] += sum.y;
      }
      if (column + 2u < wide) {
        dm[at + 2u * params.wide_stride] += sum.z;
      }
      if (column + 3u < wide) {
        dm[at + 3u * params.wide_stride] += sum.w;
      }
    }
  }
}
