// Two or four neighbouring elements of an f32 weight in one load.
alias Pair = vec2u;
alias Quad = vec4u;

fn pair_values(pair: Pair) -> vec2f {
  return bitcast<vec2f>(pair);
}

fn quad_values(quad: Quad) -> vec4f {
  return bitcast<vec4f>(quad);
}
