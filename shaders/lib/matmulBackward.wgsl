// What all kernels of the product with W from the left share (see matmulBackwardTile.wgsl): parameters, the low-rank
// tail's operands, and how a sum becomes an output. The including shader binds dy and w, because families
// read them in different widths.

struct Params {
  rows: u32,           // N
  outs: u32,           // length of the sum over o
  cols: u32,           // width of dx
  dy_stride: u32,      // elements from row to row of dy
  dy_offset: u32,      // first column of dy
  dx_stride: u32,      // elements from row to row of dx
  dx_offset: u32,      // first column written
  accumulate: u32,     // 1: add to what dx holds
  rank: u32,           // R, 0 without a tail
  du_stride: u32,      // elements from row to row of du
  du_offset: u32,      // first column of du
  a_offset: u32,       // first element of a
}

@group(0) @binding(2) var<storage, read> du: array<f32>;
@group(0) @binding(3) var<storage, read> a: array<f32>;
@group(0) @binding(4) var<storage, read_write> dx: array<f32>;
@group(0) @binding(5) var<uniform> params: Params;

// Rows and columns past the end give some value that nobody stores.
fn tail_left(row: u32, r: u32) -> f32 {
  return du[row * params.du_stride + params.du_offset + r];
}

fn tail_right(r: u32, col: u32) -> f32 {
  return a[params.a_offset + r * params.cols + col];
}

fn store(row: u32, col: u32, value: f32) {
  if (row >= params.rows || col >= params.cols) {
    return;
  }
  let at = row * params.dx_stride + params.dx_offset + col;
  var sum = value;
  if (params.accumulate == 1u) {
    sum += dx[at];
  }
  dx[at] = sum;
}

// Four neighbouring columns of one row.
fn store_columns(row: u32, col: u32, values: vec4f) {
  store(row, col, values.x);
  store(row, col + 1u, values.y);
  store(row, col + 2u, values.z);
  store(row, col + 3u, values.w);
}
