// dx[n,c] (+)= Σ_i m_i[n,c]·Σ_r du[n,r]·a[i,r,c] + scale·Σ_o dy[n,o]·w[o,c]
//
// Gradient of a frozen linear with respect to its input, through the same stored W, with the adapter's tail
// dx = g W + Σ_i M_i ∘ (du A_i) (method: MASA, backward). Without dropout there is one a, the sum of the A's, and
// every mask is 1. Also du = s·dy B itself, with B as the weight.
// Called by ops/matmul.ts.
//
//   dy [N, dy_stride] f32   w [outs, cols] in the file's precision   du [N, du_stride] f32
//   a [experts, rank, cols] f32                                      dx [N, dx_stride] f32
//
// One workgroup covers 32 rows × 32 columns of dx, as in matmul.wgsl. The tail is computed and masked first, then
// the frozen product is added.

// --- variant ---
const DTYPE = 0u;        // precision of w: 0 f32, 1 f16, 2 bf16
const TAIL = false;      // add the low-rank tail
const DROPOUT = false;   // mask the tail
const ACCUMULATE = false; // add to what dx holds
// --- end variant ---

struct Params {
  rows: u32,           // N
  outs: u32,           // length of the sum over o
  cols: u32,           // width of dx
  dy_stride: u32,      // elements from row to row of dy
  dy_offset: u32,      // first column of dy
  w_offset: u32,       // first element of w
  dx_stride: u32,      // elements from row to row of dx
  dx_offset: u32,      // first column written
  scale: f32,          // factor of the product with w
  rank: u32,           // R
  experts: u32,        // number of a's in the tail
  du_stride: u32,      // elements from row to row of du
  du_offset: u32,      // first column of du
  a_offset: u32,       // first element of a
  layer: u32,          // for the mask
  module_index: u32,   // for the mask
  threshold: u32,      // round(p·2^32)
  kept: f32,           // 1 / (1 - p)
}

@group(0) @binding(0) var<storage, read> dy: array<f32>;
@group(0) @binding(1) var<storage, read> w: array<u32>;
@group(0) @binding(2) var<storage, read> du: array<f32>;
@group(0) @binding(3) var<storage, read> a: array<f32>;
@group(0) @binding(4) var<storage, read_write> dx: array<f32>;
@group(0) @binding(5) var<uniform> params: Params;
@group(0) @binding(6) var<uniform> step: Step;

fn load_dy(row: u32, o: u32) -> f32 {
  if (row >= params.rows || o >= params.outs) {
    return 0.0;
  }
  return params.scale * dy[row * params.dy_stride + params.dy_offset + o];
}

fn load_w(o: u32, col: u32) -> f32 {
  if (o >= params.outs || col >= params.cols) {
    return 0.0;
  }
  let i = params.w_offset + o * params.cols + col;
  return weight_value(DTYPE, w[weight_word(DTYPE, i)], i);
}

fn load_du(row: u32, r: u32) -> f32 {
  if (row >= params.rows || r >= params.rank) {
    return 0.0;
  }
  return du[row * params.du_stride + params.du_offset + r];
}

fn load_a(expert: u32, r: u32, col: u32) -> f32 {
  if (r >= params.rank || col >= params.cols) {
    return 0.0;
  }
  return a[params.a_offset + (expert * params.rank + r) * params.cols + col];
}

// Masks of four neighbouring columns of one row.
fn masks(key: u32, row: u32, col: u32) -> vec4f {
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

fn store4(row: u32, col: u32, values: vec4f) {
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

  if (TAIL) {
    for (var expert = 0u; expert < params.experts; expert++) {
      var tail = Block();
      for (var r0 = 0u; r0 < params.rank; r0 += DEPTH) {
        let r = r0 + depth;
        for (var q = quad; q < 8u; q += 4u) {
          let n = first_row + q * 4u;
          let c = first_col + q * 4u;
          left_tile[depth * 8u + q] =
            vec4f(load_du(n, r), load_du(n + 1u, r), load_du(n + 2u, r), load_du(n + 3u, r));
          right_tile[depth * 8u + q] = vec4f(
            load_a(expert, r, c), load_a(expert, r, c + 1u), load_a(expert, r, c + 2u), load_a(expert, r, c + 3u));
        }
        workgroupBarrier();
        tail = add_product(tail, thread, min(DEPTH, params.rank - r0));
        workgroupBarrier();
      }
      if (DROPOUT) {
        let key = dropout_key(step.seed, step.step, step.micro, params.layer, params.module_index, expert);
        tail.row0 *= masks(key, row, col);
        tail.row1 *= masks(key, row + 1u, col);
        tail.row2 *= masks(key, row + 2u, col);
        tail.row3 *= masks(key, row + 3u, col);
      }
      block.row0 += tail.row0;
      block.row1 += tail.row1;
      block.row2 += tail.row2;
      block.row3 += tail.row3;
    }
  }

  for (var o0 = 0u; o0 < params.outs; o0 += DEPTH) {
    let o = o0 + depth;
    for (var q = quad; q < 8u; q += 4u) {
      let n = first_row + q * 4u;
      let c = first_col + q * 4u;
      left_tile[depth * 8u + q] =
        vec4f(load_dy(n, o), load_dy(n + 1u, o), load_dy(n + 2u, o), load_dy(n + 3u, o));
      right_tile[depth * 8u + q] =
        vec4f(load_w(o, c), load_w(o, c + 1u), load_w(o, c + 2u), load_w(o, c + 3u));
    }
    workgroupBarrier();
    block = add_product(block, thread, DEPTH);
    workgroupBarrier();
  }

  store4(row, col, block.row0);
  store4(row + 1u, col, block.row1);
  store4(row + 2u, col, block.row2);
  store4(row + 3u, col, block.row3);
}
