// Arrays whose rows are any number of floats, read one at a time. The twin of cellsQuad.wgsl.
alias Cell = f32;
const CELL = 1u; // floats in a Cell

fn first_of(cell: Cell) -> f32 {
  return cell;
}

fn sum_of(cell: Cell) -> f32 {
  return cell;
}

fn max_of(cell: Cell) -> f32 {
  return cell;
}

// Which float of a row lies in its cell number i.
alias CellIndex = u32;
fn floats_of(i: u32) -> CellIndex {
  return i;
}
