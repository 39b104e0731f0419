import sigmoidLib from '../../../shaders/lib/sigmoid.wgsl?raw';
import source from '../../../shaders/swiglu.wgsl?raw';
import backwardSource from '../../../shaders/swigluBackward.wgsl?raw';
import { dispatch, foldGrid, type BufferView, type Dispatch } from '../gpu/dispatch';
import type { Kernel } from '../gpu/shader';
import { bothCells, cellKernel, cellSize } from './kernels';

const libs = [sigmoidLib];
const forward = (width: number) => cellKernel({ name: 'swiglu', source, width, libs });
const backward = (width: number) =>
  cellKernel({ name: 'swigluBackward', source: backwardSource, width, libs });

export const swigluKernels: readonly Kernel[] = [...bothCells(forward), ...bothCells(backward)];

/** Cells that one workgroup covers. */
const BLOCK = 256;

/**
 * y = silu(gate) ∘ up with silu(z) = z·σ(z); all f32 [N, F].
 *
 * @param y overwritten
 * @param count elements, N·F
 */
export function swiglu({
  label,
  gate,
  up,
  y,
  count,
}: {
  readonly label: string;
  readonly gate: BufferView;
  readonly up: BufferView;
  readonly y: BufferView;
  readonly count: number;
}): Dispatch {
  const cells = count / cellSize(count);
  return dispatch(label, forward(count), { gate, up, y }, { cells }, foldGrid(Math.ceil(cells / BLOCK)));
}

/**
 * Overwrites gate by dgate = dy ∘ up ∘ σ(gate)(1 + gate(1 − σ(gate))) and up by dup = dy ∘ silu(gate); all f32
 * [N, F].
 *
 * @param count elements, N·F
 */
export function swigluBackward({
  label,
  gate,
  up,
  dy,
  count,
}: {
  readonly label: string;
  readonly gate: BufferView;
  readonly up: BufferView;
  readonly dy: BufferView;
  readonly count: number;
}): Dispatch {
  const cells = count / cellSize(count);
  return dispatch(label, backward(count), { gate, up, dy }, { cells }, foldGrid(Math.ceil(cells / BLOCK)));
}
