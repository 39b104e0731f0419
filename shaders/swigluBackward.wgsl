// dgate = dy * up * s * (1 + gate * (1 - s)) and dup = dy * gate * s with s = sigmoid(gate), written over gate and
// up, which nothing needs afterwards. Caller: ops/swiglu.ts. One workgroup covers BLOCK cells, which are floats or,
// where the count allows, quads of them (lib/cells*.wgsl).

const THREADS = 64u;
const BLOCK = 4u * THREADS;

struct Params {
  cells: u32, // N * F floats
}

@group(0) @binding(0) var<storage, read_write> gate: array<Cell>; // [N, F], becomes dgate
@group(0) @binding(1) var<storage, read_write> up: array<Cell>;   // [N, F], becomes dup
@group(0) @binding(2) var<storage, read> dy: array<Cell>;         // [N, F]
@group(0) @binding(3) var<uniform> params: Params;

@compute @workgroup_size(THREADS)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let start = (group.x + group.y * groups.x) * BLOCK;
  for (var i = start + lane; i < min(start + BLOCK, params.cells); i += THREADS) {
    let z = gate[i];
    let s = sigmoid(z);
    let slope = dy[i] * s;
    gate[i] = slope * up[i] * (1.0 + z * (1.0 - s));
    up[i] = slope * z;
  }
}
