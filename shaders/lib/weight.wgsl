// Weights lie in their file's precision and are bound as array<u32>: f32 one a word, f16 and bf16 two a word.
// `dtype` is a constant of the including shader: 0 f32, 1 f16, 2 bf16. Both unpackings work without shader-f16.

// Index of the word that holds element i.
fn weight_word(dtype: u32, i: u32) -> u32 {
  return select(i >> 1u, i, dtype == 0u);
}

// Element i out of its word, as f32, exactly.
fn weight_value(dtype: u32, word: u32, i: u32) -> f32 {
  if (dtype == 0u) {
    return bitcast<f32>(word);
  }
  let odd = (i & 1u) == 1u;
  if (dtype == 1u) {
    return select(unpack2x16float(word).x, unpack2x16float(word).y, odd);
  }
  return bitcast<f32>(select(word << 16u, word & 0xffff0000u, odd));
}
