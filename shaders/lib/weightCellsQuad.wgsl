// A weight whose rows are whole quads, by cells, whatever its precision (lib/quads*.wgsl says which). Its twin for all
// others is weightCellsSingle.wgsl.
@group(0) @binding(1) var<storage, read> weight: array<Quad>;

fn weight_cell(i: u32) -> Cell {
  return quad_values(weight[i]);
}
