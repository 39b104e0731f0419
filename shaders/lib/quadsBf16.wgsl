// Two or four neighbouring elements of a bf16 weight in one load.
alias Pair = u32;
alias Quad = vec2u;

fn pair_values(pair: Pair) -> vec2f {
  return vec2f(bitcast<f32>(pair << 16u), bitcast<f32>(pair & 0xffff0000u));
}

fn quad_values(quad: Quad) -> vec4f {
  return vec4f(pair_values(quad.x), pair_values(quad.y));
}
