import cellsQuad from '../../../../shaders/lib/cellsQuad.wgsl?raw';
import cellsSingle from '../../../../shaders/lib/cellsSingle.wgsl?raw';

/** The helper that a shader with the constant QUADS needs: arrays read by four floats, or by one. */
export function cells(quads: boolean): string {
  return quads ? cellsQuad : cellsSingle;
}

/** Whether all these numbers of elements are whole quads. */
export function areQuads(...elements: readonly number[]): boolean {
  return elements.every((count) => count % 4 === 0);
}

/** Threads of a workgroup in the projections. */
const THREADS = 32;

/** How a projection shares its rows: rows of a tile, and threads that share it. */
export interface Sharing {
  readonly ROWS: number;
  readonly SLICES: number;
}

/** Whole tiles for a batch, shared by many threads where the sum is long; one row by all threads in generation. */
export const SHARINGS = {
  batch: { ROWS: 4, SLICES: 8 },
  short: { ROWS: 4, SLICES: 1 },
  single: { ROWS: 1, SLICES: 32 },
} as const;

/** Longest sum that one thread does alone. */
const SHORT = 32;

/** The sharing for this many rows and sums of this length, and how many rows a workgroup then covers. */
export function sharing(
  rows: number,
  length: number,
): { readonly sharing: Sharing; readonly rowsOfGroup: number } {
  const batch = length > SHORT ? SHARINGS.batch : SHARINGS.short;
  const found = rows === 1 ? SHARINGS.single : batch;
  return { sharing: found, rowsOfGroup: (THREADS / found.SLICES) * found.ROWS };
}
