// y[n,o] = Σ_c x[n,c]·w[o,c] + bias[o] + residual[n,o] + scale·Σ_p u[n,p]·b[o,p]
//
// Frozen linear layer with the adapter's up-projection fused into it: y = W x + s·B u (method: MASA, equation of
// the forward pass). Also the head.
// Takes any shape; the other families (matmulSubgroup.wgsl, matmulDirect.wgsl) need rows of four.
// Called by ops/matmul.ts.
//
//   x [N, inner] f32     w [cols, inner] in the file's precision     bias [cols]     residual [N, y_stride] f32
//   u [N, u_stride] f32  b [cols, rank] f32                          y [N, y_stride] f32
//
// One workgroup covers 32 rows × 32 columns of y: 8 × 8 threads, 4 × 4 outputs each (lib/tile.wgsl, lib/matmul.wgsl).

// --- variant ---
const DTYPE = 0u; // precision of w: 0 f32, 1 f16, 2 bf16
// --- end variant ---

@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read> w: array<u32>;

fn load_x(row: u32, c: u32) -> f32 {
  if (row >= params.rows || c >= params.inner) {
    return 0.0;
  }
  return x[row * params.inner + c];
}

fn load_w(col: u32, c: u32) -> f32 {
  if (col >= params.cols || c >= params.inner) {
    return 0.0;
  }
  let i = col * params.inner + c;
  return weight_value(DTYPE, w[weight_word(DTYPE, i)], i);
}

fn load_u(row: u32, p: u32) -> f32 {
  if (row >= params.rows || p >= params.rank) {
    return 0.0;
  }
  return tail_left(row, p);
}

fn load_b(col: u32, p: u32) -> f32 {
  if (col >= params.cols || p >= params.rank) {
    return 0.0;
  }
  return tail_right(col, p);
}

@compute @workgroup_size(8, 8)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(local_invocation_id) thread: vec3u,
  @builtin(local_invocation_index) index: u32,
) {
  let first_row = group.y * 32u;
  let first_col = group.x * 32u;
  let depth = index % DEPTH;
  let quad = index / DEPTH;
  var block = Block();

  for (var c0 = 0u; c0 < params.inner; c0 += DEPTH) {
    let c = c0 + depth;
    for (var q = quad; q < 8u; q += 4u) {
      let row = first_row + q * 4u;
      let col = first_col + q * 4u;
      left_tile[depth * 8u + q] =
        vec4f(load_x(row, c), load_x(row + 1u, c), load_x(row + 2u, c), load_x(row + 3u, c));
      right_tile[depth * 8u + q] =
        vec4f(load_w(col, c), load_w(col + 1u, c), load_w(col + 2u, c), load_w(col + 3u, c));
    }
    workgroupBarrier();
    block = add_product(block, thread, DEPTH);
    workgroupBarrier();
  }

  for (var p0 = 0u; p0 < params.rank; p0 += DEPTH) {
    let p = p0 + depth;
    for (var q = quad; q < 8u; q += 4u) {
      let row = first_row + q * 4u;
      let col = first_col + q * 4u;
      left_tile[depth * 8u + q] =
        vec4f(load_u(row, p), load_u(row + 1u, p), load_u(row + 2u, p), load_u(row + 3u, p));
      right_tile[depth * 8u + q] =
        vec4f(load_b(col, p), load_b(col + 1u, p), load_b(col + 2u, p), load_b(col + 3u, p));
    }
    workgroupBarrier();
    block = add_product(block, thread, min(DEPTH, params.rank - p0));
    workgroupBarrier();
  }

  let row = first_row + thread.y * 4u;
  let col = first_col + thread.x * 4u;
  store_columns(row, col, block.row0);
  store_columns(row + 1u, col, block.row1);
  store_columns(row + 2u, col, block.row2);
  store_columns(row + 3u, col, block.row3);
}
