// How the threads of a workgroup share a long sum in the low-rank kernels. The workgroup covers TILES tiles of the
// output; SLICES threads work on one tile, each on every SLICES-th part of the sum, and hold their partial sums of it
// as QUADS_OF_TILE vec4s. They are added here in the order of the slices. The including shader declares THREADS,
// SLICES, QUADS_OF_TILE, and the steps TILE_STEP and SLICE_STEP of a thread's index from tile to tile and from slice to
// slice.

const TILES = THREADS / SLICES;

var<workgroup> partials: array<vec4f, THREADS * QUADS_OF_TILE>;

fn keep(index: u32, quad: u32, value: vec4f) {
  partials[quad * THREADS + index] = value;
}

// The sum over all slices, after a barrier.
fn total(tile: u32, quad: u32) -> vec4f {
  let first = quad * THREADS + tile * TILE_STEP;
  var sum = partials[first];
  for (var slice = 1u; slice < SLICES; slice++) {
    sum += partials[first + slice * SLICE_STEP];
  }
  return sum;
}

// The first `count` of four values, the others zero.
fn within(values: vec4f, count: u32) -> vec4f {
  return select(vec4f(), values, vec4u(0u, 1u, 2u, 3u) < vec4u(count));
}
