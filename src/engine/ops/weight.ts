import type { BufferView } from '../gpu/dispatch';

/** Precisions in which a checkpoint's weights may lie in the file and on the GPU. */
export type WeightDtype = 'F32' | 'F16' | 'BF16';

export const WEIGHT_BYTES: Readonly<Record<WeightDtype, number>> = { F32: 4, F16: 2, BF16: 2 };

/** A frozen weight on the GPU, in its file's precision, padded to a multiple of 4 bytes. */
export interface Weight {
  readonly buffer: string;
  readonly dtype: WeightDtype;
  /** [out, in] for linears, [V, C] for embeddings, [width] for norms and biases. */
  readonly shape: readonly number[];
}

/** Value of the constant DTYPE in the shaders that read weights (see shaders/lib/weight.wgsl). */
export const DTYPE_CODE: Readonly<Record<WeightDtype, number>> = { F32: 0, F16: 1, BF16: 2 };

export interface WeightSlice {
  readonly view: BufferView;
  readonly firstRow: number;
  readonly rows: number;
}

/** WebGPU's guaranteed minStorageBufferOffsetAlignment. */
const ALIGNMENT = 256;

/**
 * Cuts a matrix into runs of whole rows, each at most `maxBytes` long and starting where a binding may start.
 * One slice for everything that fits, which is the usual case.
 *
 * @param multiple a power of two that the rows of each slice are a multiple of, the last one's excepted
 */
export function weightSlices(weight: Weight, maxBytes: number, multiple = 1): WeightSlice[] {
  const [total = 0, width = 1] = weight.shape;
  const rowBytes = width * WEIGHT_BYTES[weight.dtype];
  if (total * rowBytes <= maxBytes) return [{ view: { buffer: weight.buffer }, firstRow: 0, rows: total }];
  let step = multiple;
  while ((step * rowBytes) % ALIGNMENT !== 0) step *= 2;
  const rows = Math.floor(maxBytes / (step * rowBytes)) * step;
  if (rows === 0) throw new Error(`${weight.buffer} cannot be bound in slices of ${maxBytes} bytes`);
  const slices: WeightSlice[] = [];
  for (let firstRow = 0; firstRow < total; firstRow += rows) {
    const count = Math.min(rows, total - firstRow);
    const size = Math.ceil((count * rowBytes) / 4) * 4;
    slices.push({
      view: { buffer: weight.buffer, offset: firstRow * rowBytes, size },
      firstRow,
      rows: count,
    });
  }
  return slices;
}
