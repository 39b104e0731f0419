// A weight whose rows are any number of elements, one at a time. The twin of weightCellsQuad.wgsl.
// --- variant ---
const DTYPE = 0u;
// --- end variant ---
@group(0) @binding(1) var<storage, read> weight: array<u32>;

fn weight_cell(i: u32) -> Cell {
  return weight_value(DTYPE, weight[weight_word(DTYPE, i)], i);
}
