// The same as attention.wgsl, written plainly: one workgroup a row and head, threads over keys for the scores and
// over columns for the output, k and v read from storage. What attention.wgsl is tested against, and the kernel for
// single rows (generation), where a block of rows would be mostly empty. D at most 256.
// Caller: ops/attention.ts. Grid [N, H].

const THREADS = 64u;
const LOWEST = -3.4e38;

struct Params {
  rows: u32,     // N, query rows
  key_rows: u32, // rows of k and v
  heads: u32,    // H
  kv_heads: u32, // K
  head_dim: u32, // D
  scale: f32,    // D^-0.5
}

@group(0) @binding(0) var<storage, read> q: array<f32>;         // [N, H, D]
@group(0) @binding(1) var<storage, read> k: array<f32>;         // [key_rows, K, D]
@group(0) @binding(2) var<storage, read> v: array<f32>;         // [key_rows, K, D]
@group(0) @binding(3) var<storage, read> first: array<u32>;     // [N], rows of k
@group(0) @binding(4) var<storage, read_write> o: array<f32>;   // [N, H, D]
@group(0) @binding(5) var<storage, read_write> lse: array<f32>; // [N, H]
@group(0) @binding(6) var<uniform> params: Params;
@group(0) @binding(7) var<uniform> step: Step;

var<workgroup> weights: array<f32, THREADS>; // p of a tile of THREADS keys

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let n = group.x;
  let row = n * params.heads + group.y;
  let kv_head = group.y / (params.heads / params.kv_heads);
  let dim = params.head_dim;
  let end = min(n + step.row_offset + 1u, params.key_rows);
  var largest = LOWEST;
  var total = 0.0;
  var out = vec4f(0.0); // columns lane, lane + 64, lane + 128 and lane + 192
  for (var base = first[n]; base < end; base += THREADS) {
    let key = (base + lane) * params.kv_heads + kv_head;
    var score = LOWEST;
    if (base + lane < end) {
      var product = 0.0;
      for (var c = 0u; c < dim; c++) {
        product += q[row * dim + c] * k[key * dim + c];
      }
      score = params.scale * product;
    }
    let before = largest;
    largest = max(largest, workgroup_max(score, lane));
    let p = select(0.0, exp(score - largest), base + lane < end);
    weights[lane] = p;
    let shrink = exp(before - largest);
    total = total * shrink + workgroup_sum(p, lane);
    out *= shrink;
    for (var j = 0u; j < min(THREADS, end - base); j++) {
      let value = ((base + j) * params.kv_heads + kv_head) * dim + lane;
      out.x += weights[j] * select(0.0, v[value], lane < dim);
      if (dim > 64u) { out.y += weights[j] * select(0.0, v[value + 64u], lane + 64u < dim); }
      if (dim > 128u) { out.z += weights[j] * select(0.0, v[value + 128u], lane + 128u < dim); }
      if (dim > 192u) { out.w += weights[j] * select(0.0, v[value + 192u], lane + 192u < dim); }
    }
  }
  out /= total;
  if (lane < dim) { o[row * dim + lane] = out.x; }
  if (lane + 64u < dim) { o[row * dim + lane + 64u] = out.y; }
  if (lane + 128u < dim) { o[row * dim + lane + 128u] = out.z; }
  if (lane + 192u < dim) { o[row * dim + lane + 192u] = out.w; }
  if (lane == 0u) {
    lse[row] = largest + log(total);
  }
}
