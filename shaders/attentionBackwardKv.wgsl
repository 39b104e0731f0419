// dv[j, :] = sum p dO[n, h, :] and dk[j, :] = sum dS q[n, h, :] over the rows j <= n <= last[j] that see key j and
// over the H/K query heads h that read its head, in that order, with p = exp(scale * q . k_j - lse) and
// dS = scale * p * (dO . v_j - rowsum(dO * o)). Overwrites dk and dv; nothing is summed across workgroups.
// Caller: ops/attention.ts. One workgroup covers ROWS key rows of one key head: grid [ceil(N / ROWS), K].

// --- variant ---
const D = 64u;
const ROWS = 16u;
// --- end variant ---
const QUERIES = ROWS / 2u; // query rows in a tile

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
@group(0) @binding(5) var<storage, read> last: array<u32>;        // [N], never decreases
@group(0) @binding(6) var<storage, read_write> dk: array<f32>;    // [N, K, D]
@group(0) @binding(7) var<storage, read_write> dv: array<f32>;    // [N, K, D]
@group(0) @binding(8) var<uniform> params: Params;

var<workgroup> k_tile: array<vec4f, ROWS * STRIDE>;
var<workgroup> v_tile: array<vec4f, ROWS * STRIDE>;
var<workgroup> q_tile: array<vec4f, QUERIES * STRIDE>;
var<workgroup> dO_tile: array<vec4f, QUERIES * STRIDE>;
var<workgroup> p: array<f32, ROWS * QUERIES>;
var<workgroup> dS: array<f32, ROWS * QUERIES>;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let kv_head = group.y;
  let share = params.heads / params.kv_heads;
  let block = group.x * ROWS;
  let r = lane / GROUP;
  let g = lane % GROUP;
  let key = block + r;
  let highest = last[min(key, params.rows - 1u)];
  let end = last[min(block + ROWS, params.rows) - 1u] + 1u;

  for (var i = lane; i < ROWS * D4; i += 64u) {
    let at = i / D4 * STRIDE + i % D4;
    k_tile[at] = k_at(block + i / D4, kv_head, i % D4 * 4u);
    v_tile[at] = v_at(block + i / D4, kv_head, i % D4 * 4u);
  }
  var key_sum = Owned();
  var value_sum = Owned();
  for (var head = kv_head * share; head < (kv_head + 1u) * share; head++) {
    for (var base = block; base < end; base += QUERIES) {
      for (var i = lane; i < QUERIES * D4; i += 64u) {
        let at = i / D4 * STRIDE + i % D4;
        q_tile[at] = q_at(base + i / D4, head, i % D4 * 4u);
        dO_tile[at] = dO_at(base + i / D4, head, i % D4 * 4u);
      }
      workgroupBarrier();
      for (var j = g; j < QUERIES; j += GROUP) {
        var scores = vec4f(0.0);
        var dP = vec4f(0.0);
        for (var c = 0u; c < D4; c++) {
          scores += q_tile[j * STRIDE + c] * k_tile[r * STRIDE + c];
          dP += dO_tile[j * STRIDE + c] * v_tile[r * STRIDE + c];
        }
        let n = base + j;
        let term = terms[min(n, params.rows - 1u) * params.heads + head];
        let probability = select(0.0, exp(params.scale * sum4(scores) - term.x), n >= key && n <= highest);
        p[r * QUERIES + j] = probability;
        dS[r * QUERIES + j] = params.scale * probability * (sum4(dP) - term.y);
      }
      workgroupBarrier();
      for (var j = 0u; j < QUERIES; j++) {
        let key_weight = dS[r * QUERIES + j];
        let value_weight = p[r * QUERIES + j];
        let at = j * STRIDE + g;
        key_sum.a += key_weight * q_tile[at];
        value_sum.a += value_weight * dO_tile[at];
        if (CHUNKS > 1u) {
          key_sum.b += key_weight * q_tile[at + GROUP];
          value_sum.b += value_weight * dO_tile[at + GROUP];
        }
        if (CHUNKS > 2u) {
          key_sum.c += key_weight * q_tile[at + 2u * GROUP];
          value_sum.c += value_weight * dO_tile[at + 2u * GROUP];
        }
        if (CHUNKS > 3u) {
          key_sum.d += key_weight * q_tile[at + 3u * GROUP];
          value_sum.d += value_weight * dO_tile[at + 3u * GROUP];
        }
      }
      workgroupBarrier(); // the tiles are filled anew
    }
  }
  if (key < params.rows) {
    let row = key * params.kv_heads + kv_head;
    store(row, g, key_sum.a, value_sum.a);
    store(row, g + GROUP, key_sum.b, value_sum.b);
    store(row, g + 2u * GROUP, key_sum.c, value_sum.c);
    store(row, g + 3u * GROUP, key_sum.d, value_sum.d);
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

// Writes vec4 number `place` of a row of dk and of dv, as far as the row reaches.
fn store(row: u32, place: u32, key: vec4f, value: vec4f) {
  let c = place * 4u;
  let i = row * D + c;
  if (c < D) { dk[i] = key.x; dv[i] = value.x; }
  if (c + 1u < D) { dk[i + 1u] = key.y; dv[i + 1u] = value.y; }
  if (c + 2u < D) { dk[i + 2u] = key.z; dv[i + 2u] = value.z; }
  if (c + 3u < D) { dk[i + 3u] = key.w; dv[i + 3u] = value.w; }
}
