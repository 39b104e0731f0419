// 1 / (1 + exp(-z)) through exp of a negative number only, so that nothing overflows however large |z| is.
fn sigmoid(z: f32) -> f32 {
  let e = exp(-abs(z));
  return select(e, 1.0, z >= 0.0) / (1.0 + e);
}
