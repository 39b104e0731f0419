// Arrays whose rows are whole quads of floats, read four at a time. Its twin for all others is cellsSingle.wgsl: a
// shader declares array<Cell>, and the launcher puts in the twin that fits.
alias Cell = vec4f;
const CELL = 4u; // floats in a Cell

fn first_of(cell: Cell) -> f32 {
  return cell.x;
}

fn sum_of(cell: Cell) -> f32 {
  return (cell.x + cell.y) + (cell.z + cell.w);
}

fn max_of(cell: Cell) -> f32 {
  return max(max(cell.x, cell.y), max(cell.z, cell.w));
}

// Which floats of a row lie in its cell number i.
alias CellIndex = vec4u;
fn floats_of(i: u32) -> CellIndex {
  return 4u * i + vec4u(0u, 1u, 2u, 3u);
}
