// du[n, m·R + r] = scale·Σ_o dy_m[n,o]·b_m[o,r]
//
// Gradient of u for all modules that read the same x, in one launch: du = s·g B, with B as it is stored (method: MASA,
// backward). Called by ops/lowRank/upProjectionBackward.ts.
//
//   dy0, dy1, dy2 [N, out of that module] f32   b [out, rank] f32 from b_offset of the module   du [N, du_stride] f32
//
// One workgroup covers TILES·ROWS rows × 8 ranks of one module (workgroup_id.z). SLICES threads share ROWS rows, each
// summing over every SLICES-th quad of o (lib/slices.wgsl).

// --- variant ---
const ROWS = 4u;     // rows of a tile, repeated lines
const SLICES = 8u;   // threads that share a tile
const QUADS = true;  // rank, the outs and the b_offsets are multiples of 4
// --- end variant ---

struct Params {
  rows: u32,       // N
  rank: u32,       // R
  du_stride: u32,  // elements from row to row of du
  scale: f32,      // s = lora_alpha / r
  outs0: u32,      // width of dy0
  outs1: u32,      // of dy1
  outs2: u32,      // of dy2
  b_offset0: u32,  // first element of the first module's b
  b_offset1: u32,  // of the second's
  b_offset2: u32,  // of the third's
}

@group(0) @binding(0) var<storage, read> dy0: array<Cell>;
@group(0) @binding(1) var<storage, read> dy1: array<Cell>;
@group(0) @binding(2) var<storage, read> dy2: array<Cell>;
@group(0) @binding(3) var<storage, read> b: array<Cell>;
@group(0) @binding(4) var<storage, read_write> du: array<f32>;
@group(0) @binding(5) var<uniform> params: Params;

const THREADS = 32u;
const QUADS_OF_TILE = 2u * ROWS;
const TILE_STEP = SLICES;
const SLICE_STEP = 1u;

// By a parameter, not by a kernel for each number of modules: these take drivers long to compile.
fn dy_cell(slot: u32, i: u32) -> Cell {
  if (slot == 1u) {
    return dy1[i];
  }
  if (slot == 2u) {
    return dy2[i];
  }
  return dy0[i];
}

// Rows past the end are read as the last one; nobody stores what comes of them.
fn load_dy(slot: u32, row: u32, o: u32, outs: u32) -> vec4f {
  let i = min(row, params.rows - 1u) * outs + o;
  if (QUADS) {
    return vec4f(dy_cell(slot, i / 4u));
  }
  let values = vec4f(
    first_of(dy_cell(slot, i)), first_of(dy_cell(slot, i + 1u)),
    first_of(dy_cell(slot, i + 2u)), first_of(dy_cell(slot, i + 3u)));
  return within(values, outs - o);
}

// Ranks r .. r + 3 of one row of b; those past the end are something that nobody stores.
fn load_b(row: u32, r: u32) -> vec4f {
  let i = row + r;
  if (QUADS) {
    return vec4f(b[i / 4u]);
  }
  return vec4f(first_of(b[i]), first_of(b[i + 1u]), first_of(b[i + 2u]), first_of(b[i + 3u]));
}

fn store(row: u32, slot: u32, r: u32, value: f32) {
  if (row < params.rows && r < params.rank) {
    du[row * params.du_stride + slot * params.rank + r] = params.scale * value;
  }
}

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) index: u32) {
  let slot = group.z;
  let outs = select(select(params.outs2, params.outs1, slot == 1u), params.outs0, slot == 0u);
  let b_offset = select(select(params.b_offset2, params.b_offset1, slot == 1u), params.b_offset0, slot == 0u);
  let r = group.x * 8u;
  let first_row = group.y * TILES * ROWS;
  let row = first_row + index / SLICES * ROWS;
  var low$i = vec4f();
  var high$i = vec4f();

  for (var o = index % SLICES * 4u; o < outs; o += SLICES * 4u) {
    let dy$i = load_dy(slot, row + $iu, o, outs);
    let at$k = b_offset + min(o + $ku, outs - 1u) * params.rank;
    let low_b$k = load_b(at$k, r);
    let high_b$k = load_b(at$k, r + 4u);
    low$i += dy$i.x * low_b0 + dy$i.y * low_b1 + dy$i.z * low_b2 + dy$i.w * low_b3;
    high$i += dy$i.x * high_b0 + dy$i.y * high_b1 + dy$i.z * high_b2 + dy$i.w * high_b3;
  }

  keep(index, 2u * $iu, low$i);
  keep(index, 2u * $iu + 1u, high$i);
  workgroupBarrier();

  for (var output = index; output < TILES * QUADS_OF_TILE; output += THREADS) {
    let tile = output / QUADS_OF_TILE;
    let quad = output % QUADS_OF_TILE;
    let sum = total(tile, quad);
    let n = first_row + tile * ROWS + quad / 2u;
    let rank = r + quad % 2u * 4u;
    store(n, slot, rank, sum.x);
    store(n, slot, rank + 1u, sum.y);
    store(n, slot, rank + 2u, sum.z);
    store(n, slot, rank + 3u, sum.w);
  }
}
