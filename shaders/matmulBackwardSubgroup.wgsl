enable subgroups;
// dx[n,c] (+)= Σ_r du[n,r]·a[r,c] + Σ_o dy[n,o]·w[o,c]
//
// As matmulBackwardTile.wgsl, for devices whose subgroups are all SUBGROUP wide. A thread owns whole columns, four
// neighbours at a time; dy is loaded once a subgroup, every lane another o, and handed round by shuffles.
// Called by ops/matmul.ts.
//
//   dy [N, dy_stride] f32     w [outs, cols] in the file's precision, four elements a load; cols a multiple of 4
//
// One workgroup of 32 threads covers 4·ROW_QUADS rows × 128·COL_QUADS columns of dx.

// --- variant ---
const SUBGROUP = 8u;  // width of a subgroup
const ROW_QUADS = 4u; // repetitions of lines with i
const COL_QUADS = 2u; // repetitions of lines with j
// --- end variant ---

@group(0) @binding(0) var<storage, read> dy: array<f32>;
@group(0) @binding(1) var<storage, read> w: array<Quad>;

const THREADS = 32u;

// Four neighbouring rows of dy. Rows past the end give some value that nobody stores.
fn left(row: u32, o: u32) -> vec4f {
  let at = row * params.dy_stride + params.dy_offset + o;
  let stride = params.dy_stride;
  return vec4f(dy[at], dy[at + stride], dy[at + 2u * stride], dy[at + 3u * stride]);
}

fn right(o: u32, col: u32) -> vec4f {
  return quad_values(w[(o * params.cols + col) / 4u]);
}

fn tail_left4(row: u32, r: u32) -> vec4f {
  return vec4f(tail_left(row, r), tail_left(row + 1u, r), tail_left(row + 2u, r), tail_left(row + 3u, r));
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
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(local_invocation_index) index: u32,
  @builtin(subgroup_invocation_id) lane: u32,
) {
  let row = group.y * 4u * ROW_QUADS;
  let col = (group.x * THREADS * COL_QUADS + index) * 4u;
  // Rows 4·i, 4·i + 1, 4·i + 2 and 4·i + 3 of the quad of columns j.
  var first$i_$j = vec4f();
  var second$i_$j = vec4f();
  var third$i_$j = vec4f();
  var fourth$i_$j = vec4f();

  for (var r = 0u; r < params.rank; r += SUBGROUP) {
    let left$i = tail_left4(row + $iu * 4u, r + lane);
    for (var l = 0u; l < min(SUBGROUP, params.rank - r); l++) {
      let right$j = tail_right4(r + l, col + $ju * THREADS * 4u);
      let left_l$i = subgroupShuffle(left$i, l);
      first$i_$j += left_l$i.x * right$j;
      second$i_$j += left_l$i.y * right$j;
      third$i_$j += left_l$i.z * right$j;
      fourth$i_$j += left_l$i.w * right$j;
    }
  }

  for (var o = 0u; o < params.outs; o += SUBGROUP) {
    let left$i = left(row + $iu * 4u, o + lane);
    for (var l = 0u; l < min(SUBGROUP, params.outs - o); l++) {
      let right$j = right(o + l, col + $ju * THREADS * 4u);
      let left_l$i = subgroupShuffle(left$i, l);
      first$i_$j += left_l$i.x * right$j;
      second$i_$j += left_l$i.y * right$j;
      third$i_$j += left_l$i.z * right$j;
      fourth$i_$j += left_l$i.w * right$j;
    }
  }

  // One row after the other, the rest moving up: drivers compile little code much faster.
  for (var i = 0u; i < ROW_QUADS; i++) {
    for (var k = 0u; k < 4u; k++) {
      store_columns(row + i * 4u + k, col + $ju * THREADS * 4u, first0_$j);
      first0_$j = second0_$j;
      second0_$j = third0_$j;
      third0_$j = fourth0_$j;
    }
    first$m_$j = first$m+_$j;
    second$m_$j = second$m+_$j;
    third$m_$j = third$m+_$j;
    fourth$m_$j = fourth$m+_$j;
  }
}
