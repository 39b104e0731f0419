// o[n, h, :] = sum_j p_j v[j, :], p = softmax over j of scale * q[n, h, :] . k[j, :], for the keys first[n] <= j <= n
// of the row's example (block-diagonal causal); lse[n, h] = log sum exp of the scores. Query head h reads head
// floor(h / (H/K)) of k and v. Flash-style: one pass over the keys with a running maximum and sum.
// Caller: ops/attention.ts. One workgroup covers ROWS query rows of one head: grid [ceil(N / ROWS), H].

// --- variant ---
const D = 64u;
const ROWS = 16u;
// --- end variant ---
const KEYS = 2u * ROWS; // keys in a tile
const LOWEST = -3.4e38;

struct Params {
  rows: u32,     // N
  heads: u32,    // H
  kv_heads: u32, // K
  scale: f32,    // D^-0.5
}

@group(0) @binding(0) var<storage, read> q: array<f32>;         // [N, H, D]
@group(0) @binding(1) var<storage, read> k: array<f32>;         // [N, K, D]
@group(0) @binding(2) var<storage, read> v: array<f32>;         // [N, K, D]
@group(0) @binding(3) var<storage, read> first: array<u32>;     // [N], never decreases
@group(0) @binding(4) var<storage, read_write> o: array<f32>;   // [N, H, D]
@group(0) @binding(5) var<storage, read_write> lse: array<f32>; // [N, H]
@group(0) @binding(6) var<uniform> params: Params;

var<workgroup> q_tile: array<vec4f, ROWS * STRIDE>;
var<workgroup> kv_tile: array<vec4f, KEYS * STRIDE>; // keys, then the same rows' values
var<workgroup> weights: array<f32, ROWS * KEYS>;     // scores, then p

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let head = group.y;
  let kv_head = head / (params.heads / params.kv_heads);
  let block = group.x * ROWS;
  let r = lane / GROUP;
  let g = lane % GROUP;
  let n = block + r;
  let lowest = first[min(n, params.rows - 1u)];
  let end = min(block + ROWS, params.rows);

  for (var i = lane; i < ROWS * D4; i += 64u) {
    q_tile[i / D4 * STRIDE + i % D4] = q_at(block + i / D4, head, i % D4 * 4u);
  }
  var largest = LOWEST;
  var total = 0.0;
  var out = Owned();
  for (var base = first[block]; base < end; base += KEYS) {
    for (var i = lane; i < KEYS * D4; i += 64u) {
      kv_tile[i / D4 * STRIDE + i % D4] = k_at(base + i / D4, end, kv_head, i % D4 * 4u);
    }
    workgroupBarrier();
    for (var j = g; j < KEYS; j += GROUP) {
      var products = vec4f(0.0);
      for (var c = 0u; c < D4; c++) {
        products += q_tile[r * STRIDE + c] * kv_tile[j * STRIDE + c];
      }
      let seen = base + j >= lowest && base + j <= n;
      weights[r * KEYS + j] = select(LOWEST, params.scale * sum4(products), seen);
    }
    workgroupBarrier();
    let before = largest;
    for (var j = 0u; j < KEYS; j++) {
      largest = max(largest, weights[r * KEYS + j]);
    }
    workgroupBarrier();
    for (var j = g; j < KEYS; j += GROUP) {
      let seen = base + j >= lowest && base + j <= n;
      weights[r * KEYS + j] = select(0.0, exp(weights[r * KEYS + j] - largest), seen);
    }
    for (var i = lane; i < KEYS * D4; i += 64u) {
      kv_tile[i / D4 * STRIDE + i % D4] = v_at(base + i / D4, end, kv_head, i % D4 * 4u);
    }
    workgroupBarrier();
    let shrink = exp(before - largest);
    total *= shrink;
    out = scaled(out, shrink);
    for (var j = 0u; j < KEYS; j++) {
      let p = weights[r * KEYS + j];
      let at = j * STRIDE + g;
      total += p;
      out.a += p * kv_tile[at];
      if (CHUNKS > 1u) { out.b += p * kv_tile[at + GROUP]; }
      if (CHUNKS > 2u) { out.c += p * kv_tile[at + 2u * GROUP]; }
      if (CHUNKS > 3u) { out.d += p * kv_tile[at + 3u * GROUP]; }
    }
    workgroupBarrier(); // the tiles are filled anew
  }
  if (n < params.rows) {
    let row = n * params.heads + head;
    out = scaled(out, 1.0 / total);
    store(row, g, out.a);
    store(row, g + GROUP, out.b);
    store(row, g + 2u * GROUP, out.c);
    store(row, g + 3u * GROUP, out.d);
    if (g == 0u) {
      lse[row] = largest + log(total);
    }
  }
}

fn q_at(n: u32, head: u32, c: u32) -> vec4f {
  let i = (n * params.heads + head) * D + c;
  return select(vec4f(0.0), inside(vec4f(q[i], q[i + 1u], q[i + 2u], q[i + 3u]), c), n < params.rows);
}

fn k_at(j: u32, end: u32, kv_head: u32, c: u32) -> vec4f {
  let i = (j * params.kv_heads + kv_head) * D + c;
  return select(vec4f(0.0), inside(vec4f(k[i], k[i + 1u], k[i + 2u], k[i + 3u]), c), j < end);
}

fn v_at(j: u32, end: u32, kv_head: u32, c: u32) -> vec4f {
  let i = (j * params.kv_heads + kv_head) * D + c;
  return select(vec4f(0.0), inside(vec4f(v[i], v[i + 1u], v[i + 2u], v[i + 3u]), c), j < end);
}

// Writes vec4 number `place` of a row of o, as far as the row reaches.
fn store(row: u32, place: u32, value: vec4f) {
  let c = place * 4u;
  let i = row * D + c;
  if (c < D) { o[i] = value.x; }
  if (c + 1u < D) { o[i + 1u] = value.y; }
  if (c + 2u < D) { o[i + 2u] = value.z; }
  if (c + 3u < D) { o[i + 3u] = value.w; }
}
