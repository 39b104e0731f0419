enable subgroups;
// y[n,o] = Σ_c x[n,c]·w[o,c] + bias[o] + residual[n,o] + scale·Σ_p u[n,p]·b[o,p]
//
// As matmulTile.wgsl, for devices whose subgroups are all SUBGROUP wide. A thread owns whole columns; x is loaded once
// a subgroup, every lane another c, and handed round by shuffles, so that what a thread loads for itself is its own
// rows of w. Called by ops/matmul.ts.
//
//   x [N, inner] f32     w [cols, inner] in the file's precision, two elements a load; inner a multiple of 4
//
// One workgroup of 32 threads covers 4·ROW_QUADS rows × 32·COLS columns of y, each thread every 32nd column.

// --- variant ---
const SUBGROUP = 8u;  // width of a subgroup
const ROW_QUADS = 4u; // repetitions of lines with i
const COLS = 8u;      // repetitions of lines with j
// --- end variant ---

@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read> w: array<Pair>;

const THREADS = 32u;

// Four neighbouring rows of x. Rows past the end give some value that nobody stores.
fn left(row: u32, c: u32) -> vec4f {
  let at = row * params.inner + c;
  return vec4f(x[at], x[at + params.inner], x[at + 2u * params.inner], x[at + 3u * params.inner]);
}

fn right(col: u32, c: u32) -> vec2f {
  return pair_values(w[(col * params.inner + c) / 2u]);
}

fn tail_left4(row: u32, p: u32) -> vec4f {
  return vec4f(tail_left(row, p), tail_left(row + 1u, p), tail_left(row + 2u, p), tail_left(row + 3u, p));
}

@compute @workgroup_size(THREADS)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(local_invocation_index) index: u32,
  @builtin(subgroup_invocation_id) lane: u32,
) {
  let row = group.y * 4u * ROW_QUADS;
  let col = group.x * THREADS * COLS + index;
  var sum$i_$j = vec4f();

  for (var c = 0u; c < params.inner; c += SUBGROUP) {
    let left$i = left(row + $iu * 4u, c + lane);
    for (var l = 0u; l < min(SUBGROUP, params.inner - c); l += 2u) {
      let right$j = right(col + $ju * THREADS, c + l);
      let even$i = subgroupShuffle(left$i, l);
      sum$i_$j += even$i * right$j.x;
      let odd$i = subgroupShuffle(left$i, l + 1u);
      sum$i_$j += odd$i * right$j.y;
    }
  }

  for (var p = 0u; p < params.rank; p += SUBGROUP) {
    let left$i = tail_left4(row + $iu * 4u, p + lane);
    for (var l = 0u; l < min(SUBGROUP, params.rank - p); l++) {
      let right$j = tail_right(col + $ju * THREADS, p + l);
      let left_l$i = subgroupShuffle(left$i, l);
      sum$i_$j += left_l$i * right$j;
    }
  }

  // One after the other, the rest moving up: drivers compile little code much faster.
  for (var j = 0u; j < COLS; j++) {
    for (var i = 0u; i < ROW_QUADS; i++) {
      store_rows(row + i * 4u, col + j * THREADS, sum0_0);
      sum$m_0 = sum$m+_0;
    }
    sum$i_$n = sum$i_$n+;
  }
}
