// The same as attentionBackwardQ.wgsl for devices whose subgroups are all SUBGROUP wide and heads a multiple of 4 wide;
// how the lanes share the work is said in lib/headLanes.wgsl.
// Caller: ops/attention.ts. One workgroup of one subgroup covers ROWS query rows of one head: grid [ceil(N / ROWS), H].

struct Params {
  rows: u32,     // N
  heads: u32,    // H
  kv_heads: u32, // K
  scale: f32,    // D^-0.5
}

@group(0) @binding(0) var<storage, read> q: array<vec4f>;        // [N, H, D]
@group(0) @binding(1) var<storage, read> k: array<vec4f>;        // [N, K, D]
@group(0) @binding(2) var<storage, read> v: array<vec4f>;        // [N, K, D]
@group(0) @binding(3) var<storage, read> dO: array<vec4f>;       // [N, H, D]
@group(0) @binding(4) var<storage, read> terms: array<vec2f>;    // [N, H] (lse, rowsum(dO * o))
@group(0) @binding(5) var<storage, read> first: array<u32>;      // [N], never decreases
@group(0) @binding(6) var<storage, read_write> dq: array<vec4f>; // [N, H, D]
@group(0) @binding(7) var<uniform> params: Params;

@compute @workgroup_size(SUBGROUP)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(subgroup_invocation_id) lane: u32) {
  let head = group.y;
  let kv_head = head / (params.heads / params.kv_heads);
  let block = group.x * ROWS;
  let n$r = block + $ru * SUBGROUP + lane;
  let row$r = min(n$r, params.rows - 1u) * params.heads + head; // a row behind the last computes along, not stored
  let lowest$r = first[min(n$r, params.rows - 1u)];
  let term$r = terms[row$r];
  let start = first[block];
  let end = min(block + ROWS, params.rows);

  for (var base = start; base < end; base += TILE) {
    let key$h = (min(base + $hu * LOADED + lane % LOADED, end - 1u) * params.kv_heads + kv_head) * D4;
    var dS$r_$h_$j = vec4f();
    var dP$r_$h_$j = vec4f();
    for (var c = 0u; c < D4; c++) {
      let k$h = k[key$h + c];
      let q$r = q[row$r * D4 + c];
      dS$r_$h_$j += dots(q$r, k$h, 4u * $ju);
      let v$h = v[key$h + c];
      let dO$r = dO[row$r * D4 + c];
      dP$r_$h_$j += dots(dO$r, v$h, 4u * $ju);
    }
    let seen$r_$h_$j = between(base + $hu * LOADED + 4u * $ju, lowest$r, n$r);
    let p$r_$h_$j = select(vec4f(), exp(params.scale * dS$r_$h_$j - term$r.x), seen$r_$h_$j);
    dS$r_$h_$j = params.scale * p$r_$h_$j * (dP$r_$h_$j - term$r.y);
    for (var c = 0u; c < D4; c++) {
      let k$h = k[key$h + c];
      var out$r = select(vec4f(), dq[row$r * D4 + c], base > start);
      out$r += blend(dS$r_$h_$j, k$h, 4u * $ju);
      if (n$r < params.rows) { dq[row$r * D4 + c] = out$r; }
    }
  }
}
