enable subgroups;
// How a subgroup shares one head, D wide (a multiple of 4), in the attention kernels for devices whose subgroups are
// all SUBGROUP wide. Each lane owns two rows, so a subgroup owns ROWS. The other side comes in tiles of TILE rows: a
// register holds LOADED of them, every lane another, and is handed round by shuffles, because on the adapters that
// these kernels are for a load costs as much as forty multiplications and a shuffle as much as one.
// Repeated names: r counts the rows of a lane (2), h the registers of a tile (TILE / LOADED), j the fours of rows in a
// register (LOADED / 4). What belongs to a pair of rows (scores, p, dS) lies in vec4s named by r, h and j.

// --- variant ---
const D = 64u;
const SUBGROUP = 8u;
// --- end variant ---
const D4 = D / 4u; // vec4s in a row
const ROWS = 2u * SUBGROUP;
const TILE = 16u;
const LOADED = min(SUBGROUP, TILE);

// a . b of the lanes begin .. begin + 3
fn dots(a: vec4f, b: vec4f, begin: u32) -> vec4f {
  return vec4f(
    dot(a, subgroupShuffle(b, begin)),
    dot(a, subgroupShuffle(b, begin + 1u)),
    dot(a, subgroupShuffle(b, begin + 2u)),
    dot(a, subgroupShuffle(b, begin + 3u)),
  );
}

// Sum over the lanes begin .. begin + 3 of weights times b
fn blend(weights: vec4f, b: vec4f, begin: u32) -> vec4f {
  return weights.x * subgroupShuffle(b, begin) + weights.y * subgroupShuffle(b, begin + 1u)
    + weights.z * subgroupShuffle(b, begin + 2u) + weights.w * subgroupShuffle(b, begin + 3u);
}

// b of the lanes begin .. begin + 3
fn four(b: f32, begin: u32) -> vec4f {
  return vec4f(
    subgroupShuffle(b, begin),
    subgroupShuffle(b, begin + 1u),
    subgroupShuffle(b, begin + 2u),
    subgroupShuffle(b, begin + 3u),
  );
}

// Which of the rows row .. row + 3 lie between lowest and highest
fn between(row: u32, lowest: u32, highest: u32) -> vec4<bool> {
  let rows = vec4u(row, row + 1u, row + 2u, row + 3u);
  return (rows >= vec4u(lowest)) & (rows <= vec4u(highest));
}
