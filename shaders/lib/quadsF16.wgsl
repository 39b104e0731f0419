// Two or four neighbouring elements of an f16 weight in one load, without shader-f16.
alias Pair = u32;
alias Quad = vec2u;

fn pair_values(pair: Pair) -> vec2f {
  return unpack2x16float(pair);
}

fn quad_values(quad: Quad) -> vec4f {
  return vec4f(unpack2x16float(quad.x), unpack2x16float(quad.y));
}
