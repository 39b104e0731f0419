enable f16;
// Two or four neighbouring elements of an f16 weight in one load, on devices with shader-f16.
alias Pair = vec2h;
alias Quad = vec4h;

fn pair_values(pair: Pair) -> vec2f {
  return vec2f(pair);
}

fn quad_values(quad: Quad) -> vec4f {
  return vec4f(quad);
}
