enable subgroups;
// dx[n,c] (+)= Σ_r du[n,r]·a[r,c] + Σ_o dy[n,o]·w[o,c]
//
// As matmulBackwardTile.wgsl, for devices whose subgroups are all SUBGROUP wide. A thread owns whole columns, four
// neighbours at a time; every lane loads other rows of dy for all of them and hands them round.
// Called by ops/matmul.ts.
//
//   dy [N, dy_stride] f32     w [outs, cols] in the file's precision, four elements a load; cols a multiple of 4
//
// One workgroup of 32 threads covers ROWS rows × 128·COL_QUADS columns of dx.

// --- variant ---
const SUBGROUP = 8u;  // width of a subgroup
const ROWS = 16u;     // repetitions of lines with i; a lane loads ROWS / SUBGROUP of them, repetitions of lines with h
const COL_QUADS = 2u; // repetitions of lines with j
// --- end variant ---

@group(0) @binding(0) var<storage, read> dy: array<f32>;
@group(0) @binding(1) var<storage, read> w: array<Quad>;

const THREADS = 32u;

// Rows and columns past the end give some value that nobody stores.
fn left(row: u32, o: u32) -> f32 {
  return dy[row * params.dy_stride + params.dy_offset + o];
}

fn right(o: u32, col: u32) -> vec4f {
  return quad_values(w[(o * params.cols + col) / 4u]);
}

fn tail_right4(r: u32, col: u32) -> vec4f {
  return vec4f(tail_right(r, col), tail_right(r, col + 1u), tail_right(r, col + 2u), tail_right(r, col + 3u));
}

@compute @workgroup_size(THREADS)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(local_invocation_index) index: u32,
  @builtin(subgroup_invocation_id) lane: u32,
) {
  let row = group.y * ROWS;
  let col = (group.x * THREADS * COL_QUADS + index) * 4u;
  var sum$i_$j = vec4f();

  for (var r = 0u; r < params.rank; r++) {
    let right$j = tail_right4(r, col + $ju * THREADS * 4u);
    var lefts = vec4f();
    lefts[$hu] = tail_left(row + $hu * SUBGROUP + lane, r);
    let left$i = subgroupBroadcast(lefts[$iu / SUBGROUP], $iu % SUBGROUP);
    sum$i_$j += left$i * right$j;
  }
  for (var o = 0u; o < params.outs; o++) {
    let right$j = right(o, col + $ju * THREADS * 4u);
    var lefts = vec4f();
    lefts[$hu] = left(row + $hu * SUBGROUP + lane, o);
    let left$i = subgroupBroadcast(lefts[$iu / SUBGROUP], $iu % SUBGROUP);
    sum$i_$j += left$i * right$j;
  }

  // One row after the other, the rest moving up: drivers compile little code much faster.
  for (var i = 0u; i < ROWS; i++) {
    store_columns(row + i, col + $ju * THREADS * 4u, sum0_$j);
    sum$m_$j = sum$m+_$j;
  }
}
