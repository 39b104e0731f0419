// What all kernels of the forward product share (see matmulTile.wgsl): parameters, the low-rank tail's operands, and
// how a sum becomes an output. What a launch leaves out is a parameter, not another kernel: these take drivers long to
// compile. The including shader binds x and w, because families read them in different widths.

const NO_BIAS = 3u;

struct Params {
  rows: u32,            // N
  cols: u32,            // outputs
  inner: u32,           // length of the sum over c
  bias_dtype: u32,      // precision of bias: 0 f32, 1 f16, 2 bf16, 3 there is none
  bias_offset: u32,     // first element of bias
  residual: u32,        // 1: add residual
  y_stride: u32,        // elements from row to row of y and residual
  y_offset: u32,        // first column written
  rank: u32,            // length of the sum over p, 0 without a tail
  u_stride: u32,        // elements from row to row of u
  u_offset: u32,        // first column of u
  b_offset: u32,        // first element of b
  scale: f32,           // s = lora_alpha / r
}

@group(0) @binding(2) var<storage, read> bias: array<u32>;
@group(0) @binding(3) var<storage, read> residual: array<f32>;
@group(0) @binding(4) var<storage, read> u: array<f32>;
@group(0) @binding(5) var<storage, read> b: array<f32>;
@group(0) @binding(6) var<storage, read_write> y: array<f32>;
@group(0) @binding(7) var<uniform> params: Params;

// Rows and columns past the end give some value that nobody stores.
fn tail_left(row: u32, p: u32) -> f32 {
  return params.scale * u[row * params.u_stride + params.u_offset + p];
}

fn tail_right(col: u32, p: u32) -> f32 {
  return b[params.b_offset + col * params.rank + p];
}

fn store(row: u32, col: u32, value: f32) {
  if (row >= params.rows || col >= params.cols) {
    return;
  }
  let at = row * params.y_stride + params.y_offset + col;
  var sum = value;
  if (params.bias_dtype != NO_BIAS) {
    let i = params.bias_offset + col;
    sum += weight_value(params.bias_dtype, bias[weight_word(params.bias_dtype, i)], i);
  }
  if (params.residual == 1u) {
    sum += residual[at];
  }
  y[at] = sum;
}

// Four neighbouring columns of one row.
fn store_columns(row: u32, col: u32, values: vec4f) {
  store(row, col, values.x);
  store(row, col + 1u, values.y);
  store(row, col + 2u, values.z);
  store(row, col + 3u, values.w);
}

// Four neighbouring rows of one column.
fn store_rows(row: u32, col: u32, values: vec4f) {
  store(row, col, values.x);
  store(row + 1u, col, values.y);
  store(row + 2u, col, values.z);
  store(row + 3u, col, values.w);
}
