enable subgroups;
// y[n,o] = Σ_c x[n,c]·w[o,c] + bias[o] + residual[n,o] + scale·Σ_p u[n,p]·b[o,p]
//
// As matmulTile.wgsl, for devices whose subgroups are all SUBGROUP wide. A thread owns whole columns; every lane loads
// other rows of x for all of them and hands them round, so that what a thread loads for itself is its own rows of w.
// Called by ops/matmul.ts.
//
//   x [N, inner] f32     w [cols, inner] in the file's precision, two elements a load; inner a multiple of 4
//
// One workgroup of 32 threads covers ROWS rows × 32·COLS columns of y, each thread every 32nd column.

// --- variant ---
const SUBGROUP = 8u; // width of a subgroup
const ROWS = 16u;    // repetitions of lines with i; a lane loads ROWS / SUBGROUP of them, repetitions of lines with h
const COLS = 8u;     // repetitions of lines with j
// --- end variant ---

@group(0) @binding(0) var<storage, read> x: array<vec2f>;
@group(0) @binding(1) var<storage, read> w: array<Pair>;

const THREADS = 32u;

// Rows and columns past the end give some value that nobody stores.
fn left(row: u32, c: u32) -> vec2f {
  return x[(row * params.inner + c) / 2u];
}

fn right(col: u32, c: u32) -> vec2f {
  return pair_values(w[(col * params.inner + c) / 2u]);
}

@compute @workgroup_size(THREADS)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(local_invocation_index) index: u32,
  @builtin(subgroup_invocation_id) lane: u32,
) {
  let row = group.y * ROWS;
  let col = group.x * THREADS * COLS + index;
  var sum$i_$j = 0.0;

  for (var c = 0u; c < params.inner; c += 2u) {
    let right$j = right(col + $ju * THREADS, c);
    let left$h = left(row + $hu * SUBGROUP + lane, c);
    var evens = vec4f();
    var odds = vec4f();
    evens[$hu] = left$h.x;
    odds[$hu] = left$h.y;
    let even$i = subgroupBroadcast(evens[$iu / SUBGROUP], $iu % SUBGROUP);
    sum$i_$j += even$i * right$j.x;
    let odd$i = subgroupBroadcast(odds[$iu / SUBGROUP], $iu % SUBGROUP);
    sum$i_$j += odd$i * right$j.y;
  }
  for (var p = 0u; p < params.rank; p++) {
    let right$j = tail_right(col + $ju * THREADS, p);
    var lefts = vec4f();
    lefts[$hu] = tail_left(row + $hu * SUBGROUP + lane, p);
    let left$i = subgroupBroadcast(lefts[$iu / SUBGROUP], $iu % SUBGROUP);
    sum$i_$j += left$i * right$j;
  }

  // One after the other, the rest moving up: drivers compile little code much faster.
  for (var j = 0u; j < COLS; j++) {
    for (var i = 0u; i < ROWS; i++) {
      store(row + i, col + j * THREADS, sum0_0);
      sum$m_0 = sum$m+_0;
    }
    sum$i_$n = sum$i_$n+;
  }
}
