// dx[n,c] (+)= Σ_r du[n,r]·a[r,c] + Σ_o dy[n,o]·w[o,c]
//
// Gradient of a frozen linear with respect to its input, through the same stored W, with the adapter's tail:
// dx = g W + du Σ_i A_i (method: MASA, backward; a is the sum of the A's). Where dropout masks the tail, it is computed
// apart (maskedTail.wgsl).
// Takes any shape; the other families (matmulBackwardSubgroup.wgsl, matmulBackwardDirect.wgsl) need rows of four.
// Called by ops/matmul.ts.
//
//   dy [N, dy_stride] f32   w [outs, cols] in the file's precision   du [N, du_stride] f32
//   a [rank, cols] f32      dx [N, dx_stride] f32
//
// One workgroup covers 32 rows × 32 columns of dx, as in matmulTile.wgsl; the tail comes first.

// --- variant ---
const DTYPE = 0u; // precision of w: 0 f32, 1 f16, 2 bf16
// --- end variant ---

@group(0) @binding(0) var<storage, read> dy: array<f32>;
@group(0) @binding(1) var<storage, read> w: array<u32>;

fn load_dy(row: u32, o: u32) -> f32 {
  if (row >= params.rows || o >= params.outs) {
    return 0.0;
  }
  return dy[row * params.dy_stride + params.dy_offset + o];
}

fn load_w(o: u32, col: u32) -> f32 {
  if (o >= params.outs || col >= params.cols) {
    return 0.0;
  }
  let i = o * params.cols + col;
  return weight_value(DTYPE, w[weight_word(DTYPE, i)], i);
}

fn load_du(row: u32, r: u32) -> f32 {
  if (row >= params.rows || r >= params.rank) {
    return 0.0;
  }
  return tail_left(row, r);
}

fn load_a(r: u32, col: u32) -> f32 {
  if (r >= params.rank || col >= params.cols) {
    return 0.0;
  }
  return tail_right(r, col);
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

  for (var r0 = 0u; r0 < params.rank; r0 += DEPTH) {
    let r = r0 + depth;
    for (var q = quad; q < 8u; q += 4u) {
      let n = first_row + q * 4u;
      let c = first_col + q * 4u;
      left_tile[depth * 8u + q] =
        vec4f(load_du(n, r), load_du(n + 1u, r), load_du(n + 2u, r), load_du(n + 3u, r));
      right_tile[depth * 8u + q] =
        vec4f(load_a(r, c), load_a(r, c + 1u), load_a(r, c + 2u), load_a(r, c + 3u));
    }
    workgroupBarrier();
    block = add_product(block, thread, min(DEPTH, params.rank - r0));
    workgroupBarrier();
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

  store_columns(row, col, block.row0);
  store_columns(row + 1u, col, block.row1);
  store_columns(row + 2u, col, block.row2);
  store_columns(row + 3u, col, block.row3);
}
