// The same as attentionBackwardKv.wgsl for devices whose subgroups are all SUBGROUP wide and heads a multiple of 4
// wide; how the lanes share the work is said in lib/headLanes.wgsl.
// Caller: ops/attention.ts. One workgroup of one subgroup covers ROWS key rows of one key head: grid [ceil(N / ROWS), K].

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
@group(0) @binding(5) var<storage, read> last: array<u32>;       // [N], never decreases
@group(0) @binding(6) var<storage, read_write> dk: array<vec4f>; // [N, K, D]
@group(0) @binding(7) var<storage, read_write> dv: array<vec4f>; // [N, K, D]
@group(0) @binding(8) var<uniform> params: Params;

@compute @workgroup_size(SUBGROUP)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(subgroup_invocation_id) lane: u32) {
  let kv_head = group.y;
  let share = params.heads / params.kv_heads;
  let first_head = kv_head * share;
  let block = group.x * ROWS;
  let key$r = block + $ru * SUBGROUP + lane;
  let row$r = (min(key$r, params.rows - 1u) * params.kv_heads + kv_head) * D4; // a row behind the last is not stored
  let highest$r = last[min(key$r, params.rows - 1u)];
  let end = last[min(block + ROWS, params.rows) - 1u] + 1u;

  for (var head = first_head; head < first_head + share; head++) {
    for (var base = block; base < end; base += TILE) {
      let started = head > first_head || base > block;
      let query$h = min(base + $hu * LOADED + lane % LOADED, end - 1u) * params.heads + head;
      let term$h = terms[query$h];
      var dS$r_$h_$j = vec4f();
      var dP$r_$h_$j = vec4f();
      for (var c = 0u; c < D4; c++) {
        let q$h = q[query$h * D4 + c];
        let k$r = k[row$r + c];
        dS$r_$h_$j += dots(k$r, q$h, 4u * $ju);
        let dO$h = dO[query$h * D4 + c];
        let v$r = v[row$r + c];
        dP$r_$h_$j += dots(v$r, dO$h, 4u * $ju);
      }
      let seen$r_$h_$j = between(base + $hu * LOADED + 4u * $ju, key$r, highest$r);
      let lse$h_$j = four(term$h.x, 4u * $ju);
      let product$h_$j = four(term$h.y, 4u * $ju);
      let p$r_$h_$j = select(vec4f(), exp(params.scale * dS$r_$h_$j - lse$h_$j), seen$r_$h_$j);
      dS$r_$h_$j = params.scale * p$r_$h_$j * (dP$r_$h_$j - product$h_$j);
      for (var c = 0u; c < D4; c++) {
        let dO$h = dO[query$h * D4 + c];
        var out$r = select(vec4f(), dv[row$r + c], started);
        out$r += blend(p$r_$h_$j, dO$h, 4u * $ju);
        if (key$r < params.rows) { dv[row$r + c] = out$r; }
      }
      for (var c = 0u; c < D4; c++) {
        let q$h = q[query$h * D4 + c];
        var out$r = select(vec4f(), dk[row$r + c], started);
        out$r += blend(dS$r_$h_$j, q$h, 4u * $ju);
        if (key$r < params.rows) { dk[row$r + c] = out$r; }
      }
    }
  }
}
