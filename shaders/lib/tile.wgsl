// The product of two tiles that went through workgroup memory, for kernels in which one workgroup of 8 × 8 threads
// covers 32 rows × 32 columns of the output and each thread 4 × 4 of them. The including shader fills the tiles,
// between barriers: thread `index` fills depth index % DEPTH of both, for the quads index / DEPTH and that plus 4.

const DEPTH = 16u; // tile length along the summed dimension

var<workgroup> left_tile: array<vec4f, 128>;  // [DEPTH, 32 rows / 4]: four neighbouring rows in a vec4f
var<workgroup> right_tile: array<vec4f, 128>; // [DEPTH, 32 columns / 4]

// One thread's 4 × 4 outputs, a row in a vec4f. Named rows, because indexed ones ruin software adapters.
struct Block {
  row0: vec4f,
  row1: vec4f,
  row2: vec4f,
  row3: vec4f,
}

// block + the product of the tiles' first `depth` entries, in order.
fn add_product(block: Block, thread: vec3u, depth: u32) -> Block {
  var sum = block;
  for (var k = 0u; k < depth; k++) {
    let left = left_tile[k * 8u + thread.y];
    let right = right_tile[k * 8u + thread.x];
    sum.row0 += left.x * right;
    sum.row1 += left.y * right;
    sum.row2 += left.z * right;
    sum.row3 += left.w * right;
  }
  return sum;
}
