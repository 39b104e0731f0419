// dx[n,c] (+)= Σ_i m_i[n,c]·Σ_r du[n,r]·a[i,r,c]
//
// The adapter's part of the gradient of a linear's input where dropout masked its input: dx = g W + Σ_i M_i ∘ (du A_i)
// (method: MASA, backward). Without dropout it is part of the product with W (matmulBackwardTile.wgsl), which here
// is added by the launch that follows. With one mask for all experts there is one a, the sum of the A's. Where a router
// weighs the experts, each has a du of its own, one beside the other, and in HydraLoRA all have one a. Without masks it
// is the part that a linear has beside the one in the product: dz·Router. Called by ops/matmul.ts.
//
//   du [N, du_stride] f32   a [experts, rank, cols] f32   dx [N, dx_stride] f32
//
// One workgroup covers 32 rows × 32 columns of dx: 8 × 8 threads, 4 × 4 of them each (lib/tile.wgsl).

// --- variant ---
const ACCUMULATE = false; // add to what dx holds
const MASKED = true;      // apply the masks
// --- end variant ---

struct Params {
  rows: u32,           // N
  cols: u32,           // width of dx
  dx_stride: u32,      // elements from row to row of dx
  dx_offset: u32,      // first column written
  rank: u32,           // R
  experts: u32,        // number of terms
  du_step: u32,        // elements from term to term of du, 0 where they have one du
  a_step: u32,         // elements from term to term of a, 0 where they have one a
  du_stride: u32,      // elements from row to row of du
  du_offset: u32,      // first column of du
  a_offset: u32,       // first element of a
  layer: u32,          // for the mask
  module_index: u32,   // for the mask
  threshold: u32,      // round(p·2^32)
  kept: f32,           // 1 / (1 - p)
}

@group(0) @binding(0) var<storage, read> du: array<f32>;
@group(0) @binding(1) var<storage, read> a: array<f32>;
@group(0) @binding(2) var<storage, read_write> dx: array<f32>;
@group(0) @binding(3) var<uniform> params: Params;
@group(0) @binding(4) var<uniform> step: Step;

fn load_du(expert: u32, row: u32, r: u32) -> f32 {
  if (row >= params.rows || r >= params.rank) {
    return 0.0;
  }
  return du[row * params.du_stride + params.du_offset + expert * params.du_step + r];
}

fn load_a(expert: u32, r: u32, col: u32) -> f32 {
  if (r >= params.rank || col >= params.cols) {
    return 0.0;
  }
  return a[params.a_offset + expert * params.a_step + r * params.cols + col];
}

// Masks of four neighbouring columns of one row.
fn column_masks(key: u32, row: u32, col: u32) -> vec4f {
  let element = row * params.cols + col;
  return vec4f(
    dropout_mask(key, element, params.threshold, params.kept),
    dropout_mask(key, element + 1u, params.threshold, params.kept),
    dropout_mask(key, element + 2u, params.threshold, params.kept),
    dropout_mask(key, element + 3u, params.threshold, params.kept),
  );
}

fn store(row: u32, col: u32, value: f32) {
  if (row >= params.rows || col >= params.cols) {
    return;
  }
  let at = row * params.dx_stride + params.dx_offset + col;
  if (ACCUMULATE) {
    dx[at] += value;
  } else {
    dx[at] = value;
  }
}

// Four neighbouring columns of one row.
fn store_columns(row: u32, col: u32, values: vec4f) {
  store(row, col, values.x);
  store(row, col + 1u, values.y);
  store(row, col + 2u, values.z);
  store(row, col + 3u, values.w);
}

@compute @workgroup_size(8, 8)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(local_invocation_id) thread: vec3u,
  @builtin(local_invocation_index) index: u32,
) {
  let first_row = group.y * 32u;
  let first_col = group.x * 32u;
  let row = first_row + thread.y * 4u;
  let col = first_col + thread.x * 4u;
  let depth = index % DEPTH;
  let quad = index / DEPTH;
  var block = Block();

  for (var expert = 0u; expert < params.experts; expert++) {
    var tail = Block();
    for (var r0 = 0u; r0 < params.rank; r0 += DEPTH) {
      let r = r0 + depth;
      for (var q = quad; q < 8u; q += 4u) {
        let n = first_row + q * 4u;
        let c = first_col + q * 4u;
        left_tile[depth * 8u + q] =
          vec4f(
            load_du(expert, n, r), load_du(expert, n + 1u, r), load_du(expert, n + 2u, r), load_du(expert, n + 3u, r));
        right_tile[depth * 8u + q] = vec4f(
          load_a(expert, r, c), load_a(expert, r, c + 1u), load_a(expert, r, c + 2u), load_a(expert, r, c + 3u));
      }
      workgroupBarrier();
      tail = add_product(tail, thread, min(DEPTH, params.rank - r0));
      workgroupBarrier();
    }
    if (MASKED) {
      let key = dropout_key(step.seed, step.step, step.micro, params.layer, params.module_index, expert);
      tail.row0 *= column_masks(key, row, col);
      tail.row1 *= column_masks(key, row + 1u, col);
      tail.row2 *= column_masks(key, row + 2u, col);
      tail.row3 *= column_masks(key, row + 3u, col);
    }
    block.row0 += tail.row0;
    block.row1 += tail.row1;
    block.row2 += tail.row2;
    block.row3 += tail.row3;
  }

  store_columns(row, col, block.row0);
  store_columns(row + 1u, col, block.row1);
  store_columns(row + 2u, col, block.row2);
  store_columns(row + 3u, col, block.row3);
}
