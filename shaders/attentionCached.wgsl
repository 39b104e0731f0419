// o[n, h, :] = sum_j p_j v[j, :], p = softmax over j of scale * q[n, h, :] . k[j, :], for the rows first[n] <= j <= own[n]
// of a cache of keys and values that several sequences share. Query head h reads head floor(h / (H/K)) of k and v. Every
// row reads its own sequence's keys and no others, in an order that depends on their number alone: where a sequence lies
// in the cache and what its neighbours are changes no bit. A row of no sequence (own[n] outside the cache) gives zeros.
// Caller: ops/attentionCached.ts. One workgroup a row and HEADS query heads with one key/value head, whose every key it
// reads once: grid [N, H / HEADS]. Threads over keys for the scores, and over cells of a head (lib/cells*.wgsl) and parts
// of the keys for the output. Lines with $g are repeated for g = 0 .. HEADS - 1. D at most 256.

// --- variant ---
const THREADS = 64u;
const HEADS = 1u;
// --- end variant ---
const KEYS = 256u;         // keys in a tile
const CELLS = 256u / CELL; // cells of a head, at most; no fewer than THREADS
const LOWEST = -3.4e38;

struct Params {
  key_rows: u32, // rows of k and v
  heads: u32,    // H
  kv_heads: u32, // K
  head_dim: u32, // D
  scale: f32,    // D^-0.5
}

@group(0) @binding(0) var<storage, read> q: array<Cell>;       // [N, H, D]
@group(0) @binding(1) var<storage, read> k: array<Cell>;       // [key_rows, K, D]
@group(0) @binding(2) var<storage, read> v: array<Cell>;       // [key_rows, K, D]
@group(0) @binding(3) var<storage, read> first: array<u32>;    // [N], row of the sequence's first key
@group(0) @binding(4) var<storage, read> own: array<u32>;      // [N], row of the row's own key, the last that it sees
@group(0) @binding(5) var<storage, read_write> o: array<Cell>; // [N, H, D]
@group(0) @binding(6) var<uniform> params: Params;

var<workgroup> weights$g: array<f32, KEYS>; // p of a tile
var<workgroup> sums$g: array<Cell, CELLS>;  // [parts, cells] unfinished outputs, each of one thread

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let n = group.x;
  let kv_head = group.y * HEADS / (params.heads / params.kv_heads);
  let cells = params.head_dim / CELL;
  let query$g = (n * params.heads + group.y * HEADS + $gu) * cells;
  let end = select(first[n], own[n] + 1u, own[n] < params.key_rows);
  let width = min(cells, THREADS); // cells that are summed at once
  let parts = THREADS / width;     // parts of a tile that are summed at once
  let part = lane / width;

  for (var i = lane; i < max(parts * width, cells); i += THREADS) {
    sums$g[i] = Cell();
  }
  var largest$g = LOWEST;
  var total$g = 0.0;
  for (var base = first[n]; base < end; base += KEYS) {
    let count = min(KEYS, end - base);
    var peak$g = largest$g;
    for (var j = lane; j < count; j += THREADS) {
      let key = ((base + j) * params.kv_heads + kv_head) * cells;
      var products$g = Cell();
      for (var c = 0u; c < cells; c++) {
        let cell = k[key + c];
        products$g += q[query$g + c] * cell;
      }
      let score$g = params.scale * sum_of(products$g);
      weights$g[j] = score$g;
      peak$g = max(peak$g, score$g);
    }
    let before$g = largest$g;
    largest$g = workgroup_max(peak$g, lane);
    var sum$g = 0.0;
    for (var j = lane; j < count; j += THREADS) {
      let p$g = exp(weights$g[j] - largest$g);
      weights$g[j] = p$g;
      sum$g += p$g;
    }
    let shrink$g = exp(before$g - largest$g);
    total$g = total$g * shrink$g + workgroup_sum(sum$g, lane);
    workgroupBarrier(); // all weights are there
    if (part < parts) {
      for (var c = lane % width; c < cells; c += width) {
        var out$g = shrink$g * sums$g[part * width + c];
        for (var j = part; j < count; j += parts) {
          let cell = v[((base + j) * params.kv_heads + kv_head) * cells + c];
          out$g += weights$g[j] * cell;
        }
        sums$g[part * width + c] = out$g;
      }
    }
    workgroupBarrier(); // the weights are overwritten, and the sums of other threads read
  }
  let share$g = select(0.0, 1.0 / total$g, total$g > 0.0);
  for (var c = lane; c < cells; c += THREADS) {
    var out$g = Cell();
    for (var i = 0u; i < parts; i++) {
      out$g += sums$g[i * width + c];
    }
    o[query$g + c] = share$g * out$g;
  }
}
