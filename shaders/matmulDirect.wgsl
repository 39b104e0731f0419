// y[n,o] = Σ_c x[n,c]·w[o,c] + bias[o] + residual[n,o] + scale·Σ_p u[n,p]·b[o,p]
//
// As matmulTile.wgsl, without workgroup memory: every thread loads the rows of x and of w that it needs, four elements
// a load, and leaves sharing to the caches. Called by ops/matmul.ts.
//
//   x [N, inner] f32     w [cols, inner] in the file's precision; inner a multiple of 4
//
// One workgroup of 8 × 4 threads covers 4·ROWS rows × 8·COLS columns of y, each thread ROWS × COLS of them.

// --- variant ---
const ROWS = 16u; // repetitions of lines with i
const COLS = 8u;  // repetitions of lines with j
// --- end variant ---

@group(0) @binding(0) var<storage, read> x: array<vec4f>;
@group(0) @binding(1) var<storage, read> w: array<Quad>;

@compute @workgroup_size(8, 4)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_id) thread: vec3u) {
  let row = (group.y * 4u + thread.y) * ROWS;
  let col = (group.x * 8u + thread.x) * COLS;
  let quads = params.inner / 4u;
  var sum$i_$j = 0.0;

  // Rows and columns past the end give some value that nobody stores.
  for (var c = 0u; c < quads; c++) {
    let right$j = quad_values(w[(col + $ju) * quads + c]);
    let left$i = x[(row + $iu) * quads + c];
    sum$i_$j += dot(left$i, right$j);
  }

  for (var p = 0u; p < params.rank; p++) {
    let right$j = tail_right(col + $ju, p);
    let left$i = tail_left(row + $iu, p);
    sum$i_$j += left$i * right$j;
  }

  // One column after the other, the rest moving up: drivers compile little code much faster.
  for (var j = 0u; j < COLS; j++) {
    store(row + $iu, col + j, sum$i_0);
    sum$i_$n = sum$i_$n+;
  }
}
