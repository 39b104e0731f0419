// dx[n,c] (+)= Σ_r du[n,r]·a[r,c] + Σ_o dy[n,o]·w[o,c]
//
// As matmulBackwardTile.wgsl, without workgroup memory: every thread loads the rows of dy and the columns of w that it
// needs, four elements a load, and leaves sharing to the caches. Called by ops/matmul.ts.
//
//   dy [N, dy_stride] f32, dy_stride, dy_offset and outs multiples of 4
//   w [outs, cols] in the file's precision; cols a multiple of 4
//
// One workgroup of 32 threads covers ROWS rows × 128·COL_QUADS columns of dx, each thread every 32nd quad of columns.

// --- variant ---
const ROWS = 16u;     // repetitions of lines with i
const COL_QUADS = 2u; // repetitions of lines with j
// --- end variant ---

@group(0) @binding(0) var<storage, read> dy: array<vec4f>;
@group(0) @binding(1) var<storage, read> w: array<Quad>;

const THREADS = 32u;

// Rows past the end give some value that nobody stores.
fn left(row: u32, o: u32) -> vec4f {
  return dy[(row * params.dy_stride + params.dy_offset + o) / 4u];
}

fn right(o: u32, col: u32) -> vec4f {
  return quad_values(w[(o * params.cols + col) / 4u]);
}

fn tail_right4(r: u32, col: u32) -> vec4f {
  return vec4f(
    tail_right(r, col),
    tail_right(r, col + 1u),
    tail_right(r, col + 2u),
    tail_right(r, col + 3u),
  );
}

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) index: u32) {
  let row = group.y * ROWS;
  let col = (group.x * THREADS * COL_QUADS + index) * 4u;
  var sum$i_$j = vec4f();

  for (var r = 0u; r < params.rank; r++) {
    let right$j = tail_right4(r, col + $ju * THREADS * 4u);
    let left$i = tail_left(row + $iu, r);
    sum$i_$j += left$i * right$j;
  }

  for (var o = 0u; o < params.outs; o += 4u) {
    let first$j = right(o, col + $ju * THREADS * 4u);
    let second$j = right(o + 1u, col + $ju * THREADS * 4u);
    let third$j = right(o + 2u, col + $ju * THREADS * 4u);
    let fourth$j = right(o + 3u, col + $ju * THREADS * 4u);
    let left$i = left(row + $iu, o);
    sum$i_$j += left$i.x * first$j + left$i.y * second$j + left$i.z * third$j + left$i.w * fourth$j;
  }

  // One row after the other, the rest moving up: drivers compile little code much faster.
  for (var i = 0u; i < ROWS; i++) {
    store_columns(row + i, col + $ju * THREADS * 4u, sum0_$j);
    sum$m_$j = sum$m+_$j;
  }
}
