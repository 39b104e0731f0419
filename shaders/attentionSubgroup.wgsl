// The same as attention.wgsl for devices whose subgroups are all SUBGROUP wide and heads a multiple of 4 wide; how the
// lanes share the work is said in lib/headLanes.wgsl. The unfinished output lies in o, every thread adds to its own.
// Caller: ops/attention.ts. One workgroup of one subgroup covers ROWS query rows of one head: grid [ceil(N / ROWS), H].

const LOWEST = -3.4e38;

struct Params {
  rows: u32,     // N
  heads: u32,    // H
  kv_heads: u32, // K
  scale: f32,    // D^-0.5
}

@group(0) @binding(0) var<storage, read> q: array<vec4f>;       // [N, H, D]
@group(0) @binding(1) var<storage, read> k: array<vec4f>;       // [N, K, D]
@group(0) @binding(2) var<storage, read> v: array<vec4f>;       // [N, K, D]
@group(0) @binding(3) var<storage, read> first: array<u32>;     // [N], never decreases
@group(0) @binding(4) var<storage, read_write> o: array<vec4f>; // [N, H, D]
@group(0) @binding(5) var<storage, read_write> lse: array<f32>; // [N, H]
@group(0) @binding(6) var<uniform> params: Params;

@compute @workgroup_size(SUBGROUP)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(subgroup_invocation_id) lane: u32) {
  let head = group.y;
  let kv_head = head / (params.heads / params.kv_heads);
  let block = group.x * ROWS;
  let n$r = block + $ru * SUBGROUP + lane;
  let row$r = min(n$r, params.rows - 1u) * params.heads + head; // a row behind the last computes along, not stored
  let lowest$r = first[min(n$r, params.rows - 1u)];
  let start = first[block];
  let end = min(block + ROWS, params.rows);

  var largest$r = LOWEST;
  var total$r = 0.0;
  for (var base = start; base < end; base += TILE) {
    let key$h = (min(base + $hu * LOADED + lane % LOADED, end - 1u) * params.kv_heads + kv_head) * D4;
    var p$r_$h_$j = vec4f();
    for (var c = 0u; c < D4; c++) {
      let q$r = q[row$r * D4 + c];
      let k$h = k[key$h + c];
      p$r_$h_$j += dots(q$r, k$h, 4u * $ju);
    }
    let seen$r_$h_$j = between(base + $hu * LOADED + 4u * $ju, lowest$r, n$r);
    var peak$r = vec4f(largest$r);
    p$r_$h_$j = select(vec4f(LOWEST), params.scale * p$r_$h_$j, seen$r_$h_$j);
    peak$r = max(peak$r, p$r_$h_$j);
    let before$r = largest$r;
    largest$r = max(max(peak$r.x, peak$r.y), max(peak$r.z, peak$r.w));
    p$r_$h_$j = select(vec4f(), exp(p$r_$h_$j - largest$r), seen$r_$h_$j);
    var sum$r = vec4f();
    sum$r += p$r_$h_$j;
    let shrink$r = exp(before$r - largest$r);
    total$r = total$r * shrink$r + ((sum$r.x + sum$r.y) + (sum$r.z + sum$r.w));
    let finish$r = select(1.0, 1.0 / total$r, base + TILE >= end);
    for (var c = 0u; c < D4; c++) {
      let v$h = v[key$h + c];
      var out$r = select(vec4f(), shrink$r * o[row$r * D4 + c], base > start);
      out$r += blend(p$r_$h_$j, v$h, 4u * $ju);
      if (n$r < params.rows) { o[row$r * D4 + c] = finish$r * out$r; }
    }
  }
  if (n$r < params.rows) { lse[row$r] = largest$r + log(total$r); }
}
