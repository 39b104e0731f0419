// How the 64 threads of a workgroup share ROWS rows of one head, D wide, in the attention kernels. A row lies in
// workgroup memory as vec4s, padded by zeros; the GROUP threads of a row own every GROUP-th vec4 of it, at most
// four each, in named registers (a dynamically indexed local array would go to memory on software adapters).
// The including shader declares D (at most 256) and ROWS (16 for D <= 64, 8 for D <= 128, else 4).

const GROUP = 64u / ROWS;                     // threads that share a row
const D4 = (D + 3u) / 4u;                     // vec4s in a row
const CHUNKS = (D4 + GROUP - 1u) / GROUP;     // vec4s of a row that one thread owns, 1 to 4
const STRIDE = CHUNKS * GROUP + 1u;           // vec4s from row to row of a tile; odd, against bank conflicts

// Columns c .. c + 3 of a head, those behind its end zero. (The three reads behind the last row of a buffer are
// safe, WebGPU keeps them inside the buffer, and their values are dropped here.)
fn inside(value: vec4f, c: u32) -> vec4f {
  return select(vec4f(0.0), value, vec4u(c, c + 1u, c + 2u, c + 3u) < vec4u(D));
}

fn sum4(value: vec4f) -> f32 {
  return (value.x + value.y) + (value.z + value.w);
}

// The vec4s g, g + GROUP, g + 2 GROUP and g + 3 GROUP of a row, owned by thread g of its group.
struct Owned {
  a: vec4f,
  b: vec4f,
  c: vec4f,
  d: vec4f,
}

fn scaled(row: Owned, factor: f32) -> Owned {
  return Owned(row.a * factor, row.b * factor, row.c * factor, row.d * factor);
}
