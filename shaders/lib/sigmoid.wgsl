// 1 / (1 + exp(-z)) through exp of a negative number only, so that nothing overflows however large |z| is.
fn sigmoid(z: Cell) -> Cell {
  let e = exp(-abs(z));
  return select(e, Cell(1.0), z >= Cell()) / (1.0 + e);
}
