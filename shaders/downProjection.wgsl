// u[n, m·R + r] = Σ_i Σ_c a[m,i,r,c]·mask_{m,i}[n,c]·x[n,c]
//
// Down-projection for all modules that read the same x, in one launch: u = Σ_i A_i (M_i ∘ x) (method: MASA, forward).
// Without dropout every module has one a, the sum of its A's, and no mask: `rank` is then that of all modules
// together, whose a's lie one behind the other. With one mask for all experts there is one a a module, with a mask
// for each expert the stacked A's. Where a router weighs them, every mask has a u of its own, u_i = A_i (M_i ∘ x), which
// lie side by side as if they were modules; in HydraLoRA these have one A in common.
// Called by ops/lowRank/downProjection.ts.
//
//   x [N, inner] f32   a [modules, experts, rank, inner] f32   u [N, u_stride] f32
//
// One workgroup covers TILES·ROWS rows × 8 ranks of one u (workgroup_id.z). SLICES threads share ROWS rows, each
// summing over every SLICES-th quad of c (lib/slices.wgsl), so that x is read once for 8 ranks, in whole cache lines.

// --- variant ---
const ROWS = 4u;       // rows of a tile, repeated lines
const SLICES = 8u;     // threads that share a tile; 1 where inner is short
const QUADS = true;    // inner and a_offset are multiples of 4
const DROPOUT = false; // mask x
// --- end variant ---

struct Params {
  rows: u32,       // N
  inner: u32,      // C, width of x
  rank: u32,       // ranks of one module, or of all of them without dropout
  experts: u32,    // masks, and a's, that one u sums over
  heads: u32,      // u's of a module, a mask for each
  sharers: u32,    // u's that have one a in common
  a_offset: u32,   // first element of a
  u_stride: u32,   // elements from row to row of u
  layer: u32,      // for the mask
  module0: u32,    // index of the first module, for the mask
  module1: u32,    // of the second
  module2: u32,    // of the third
  threshold: u32,  // round(p·2^32)
  kept: f32,       // 1 / (1 - p)
}

@group(0) @binding(0) var<storage, read> x: array<Cell>;
@group(0) @binding(1) var<storage, read> a: array<Cell>;
@group(0) @binding(2) var<storage, read_write> u: array<f32>;
@group(0) @binding(3) var<uniform> params: Params;
@group(0) @binding(4) var<uniform> step: Step;

const THREADS = 32u;
const QUADS_OF_TILE = 2u * ROWS;
const TILE_STEP = SLICES;
const SLICE_STEP = 1u;

// Rows and ranks past the end are read as the last one; nobody stores what comes of them.
fn load_x(row: u32, c: u32) -> vec4f {
  let i = min(row, params.rows - 1u) * params.inner + c;
  if (QUADS) {
    return vec4f(x[i / 4u]);
  }
  let values = vec4f(first_of(x[i]), first_of(x[i + 1u]), first_of(x[i + 2u]), first_of(x[i + 3u]));
  return within(values, params.inner - c);
}

fn load_a(stack: u32, r: u32, c: u32) -> vec4f {
  let i = params.a_offset + (stack * params.rank + min(r, params.rank - 1u)) * params.inner + c;
  if (QUADS) {
    return vec4f(a[i / 4u]);
  }
  let values = vec4f(first_of(a[i]), first_of(a[i + 1u]), first_of(a[i + 2u]), first_of(a[i + 3u]));
  return within(values, params.inner - c);
}

fn store(row: u32, slot: u32, r: u32, value: f32) {
  if (row < params.rows && r < params.rank) {
    u[row * params.u_stride + slot * params.rank + r] = value;
  }
}

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) index: u32) {
  let slot = group.z;
  let head = slot % params.heads;
  let module_slot = slot / params.heads;
  let first_stack = slot / params.sharers * params.experts;
  let r = group.x * 8u;
  let first_row = group.y * TILES * ROWS;
  let row = first_row + index / SLICES * ROWS;
  var sum$i_$j = 0.0;

  for (var c = index % SLICES * 4u; c < params.inner; c += SLICES * 4u) {
    let x$i = load_x(row + $iu, c);
    if (DROPOUT) {
      let module_index = select(select(params.module2, params.module1, module_slot == 1u), params.module0, module_slot == 0u);
      let hashes$i = element_hashes((row + $iu) * params.inner + c);
      for (var expert = 0u; expert < params.experts; expert++) {
        let key = dropout_key(step.seed, step.step, step.micro, params.layer, module_index, head + expert);
        let a$j = load_a(first_stack + expert, r + $ju, c);
        let masked$i = x$i * dropout_masks(key, hashes$i, params.threshold, params.kept);
        sum$i_$j += dot(masked$i, a$j);
      }
    } else {
      let a$j = load_a(slot, r + $ju, c);
      sum$i_$j += dot(x$i, a$j);
    }
  }

  if (SLICES == 1u) {
    store(row + $iu, slot, r + $ju, sum$i_$j);
  } else {
    keep(index, 2u * $iu, vec4f(sum$i_0, sum$i_1, sum$i_2, sum$i_3));
    keep(index, 2u * $iu + 1u, vec4f(sum$i_4, sum$i_5, sum$i_6, sum$i_7));
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
}
