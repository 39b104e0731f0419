// dq[n, h, :] = sum_j dS_j k[j, :] with dS_j = scale * p_j * (dO[n, h, :] . v[j, :] - rowsum(dO * o)) and
// p_j = exp(scale * q . k_j - lse), over the keys first[n] <= j <= n. Overwrites dq.
// Caller: ops/attention.ts. One workgroup covers ROWS query rows of one head: grid [ceil(N / ROWS), H].

// --- variant ---
const D = 64u;
const ROWS = 16u;
// --- end variant ---
const KEYS = ROWS / 2u; // keys in a tile

struct Params {
  rows: u32,     // N
  heads: u32,    // H
  kv_heads: u32, // K
  scale: f32,    // D^-0.5
}

@group(0) @binding(0) var<storage, read> q: array<f32>;           // [N, H, D]
@group(0) @binding(1) var<storage, read> k: array<f32>;           // [N, K, D]
@group(0) @binding(2) var<storage, read> v: array<f32>;           // [N, K, D]
@group(0) @binding(3) var<storage, read> dO: array<f32>;          // [N, H, D]
@group(0) @binding(4) var<storage, read> terms: array<vec2<f32>>; // [N, H] (lse, rowsum(dO * o))
@group(0) @binding(5) var<storage, read> first: array<u32>;       // [N], never decreases
@group(0) @binding(6) var<storage, read_write> dq: array<f32>;    // [N, H, D]
@group(0) @binding(7) var<uniform> params: Params;

var<workgroup> q_tile: array<vec4f, ROWS * STRIDE>;
var<workgroup> dO_tile: array<vec4f, ROWS * STRIDE>;
var<workgroup> k_tile: array<vec4f, KEYS * STRIDE>;
var<workgroup> v_tile: array<vec4f, KEYS * STRIDE>;
var<workgroup> dS: array<f32, ROWS * KEYS>;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let head = group.y;
  let kv_head = head / (params.heads / params.kv_heads);
  let block = group.x * ROWS;
  let r = lane / GROUP;
  let g = lane % GROUP;
  let n = block + r;
  let known = min(n, params.rows - 1u); // a row behind the last computes along and is not stored
  let lowest = first[known];
  let term = terms[known * params.heads + head];
  let end = min(block + ROWS, params.rows);

  for (var i = lane; i < ROWS * D4; i += 64u) {
    let at = i / D4 * STRIDE + i % D4;
    q_tile[at] = q_at(block + i / D4, head, i % D4 * 4u);
    dO_tile[at] = dO_at(block + i / D4, head, i % D4 * 4u);
  }
  var out = Owned();
  for (var base = first[block]; base < end; base += KEYS) {
    for (var i = lane; i < KEYS * D4; i += 64u) {
      let at = i / D4 * STRIDE + i % D4;
      k_tile[at] = k_at(base + i / D4, kv_head, i % D4 * 4u);
      v_tile[at] = v_at(base + i / D4, kv_head, i % D4 * 4u);
    }
    workgroupBarrier();
    for (var j = g; j < KEYS; j += GROUP) {
      var scores = vec4f(0.0);
      var dP = vec4f(0.0);
      for (var c = 0u; c < D4; c++) {
        scores += q_tile[r * STRIDE + c] * k_tile[j * STRIDE + c];
        dP += dO_tile[r * STRIDE + c] * v_tile[j * STRIDE + c];
      }
      let seen = base + j >= lowest && base + j <= n;
      let p = select(0.0, exp(params.scale * sum4(scores) - term.x), seen);
      dS[r * KEYS + j] = params.scale * p * (sum4(dP) - term.y);
    }
    workgroupBarrier();
    for (var j = 0u; j < KEYS; j++) {
      let weight = dS[r * KEYS + j];
      let at = j * STRIDE + g;
      out.a += weight * k_tile[at];
      if (CHUNKS > 1u) { out.b += weight * k_tile[at + GROUP]; }
      if (CHUNKS > 2u) { out.c += weight * k_tile[at + 2u * GROUP]; }
      if (CHUNKS > 3u) { out.d += weight * k_tile[at + 3u * GROUP]; }
    }
    workgroupBarrier(); // the tiles are filled anew
  }
  if (n < params.rows) {
    let row = n * params.heads + head;
    store(row, g, out.a);
    store(row, g + GROUP, out.b);
    store(row, g + 2u * GROUP, out.c);
    store(row, g + 3u * GROUP, out.d);
  }
}

fn q_at(n: u32, head: u32, c: u32) -> vec4f {
  let i = (n * params.heads + head) * D + c;
  return select(vec4f(0.0), inside(vec4f(q[i], q[i + 1u], q[i + 2u], q[i + 3u]), c), n < params.rows);
}

fn dO_at(n: u32, head: u32, c: u32) -> vec4f {
  let i = (n * params.heads + head) * D + c;
  return select(vec4f(0.0), inside(vec4f(dO[i], dO[i + 1u], dO[i + 2u], dO[i + 3u]), c), n < params.rows);
}

fn k_at(j: u32, kv_head: u32, c: u32) -> vec4f {
  let i = (j * params.kv_heads + kv_head) * D + c;
  return select(vec4f(0.0), inside(vec4f(k[i], k[i + 1u], k[i + 2u], k[i + 3u]), c), j < params.rows);
}

fn v_at(j: u32, kv_head: u32, c: u32) -> vec4f {
  let i = (j * params.kv_heads + kv_head) * D + c;
  return select(vec4f(0.0), inside(vec4f(v[i], v[i + 1u], v[i + 2u], v[i + 3u]), c), j < params.rows);
}

// Writes vec4 number `place` of a row of dq, as far as the row reaches.
fn store(row: u32, place: u32, value: vec4f) {
  let c = place * 4u;
  let i = row * D + c;
  if (c < D) { dq[i] = value.x; }
  if (c + 1u < D) { dq[i + 1u] = value.y; }
  if (c + 2u < D) { dq[i + 2u] = value.z; }
  if (c + 3u < D) { dq[i + 3u] = value.w; }
}
