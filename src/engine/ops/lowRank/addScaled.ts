import source from '../../../../shaders/addScaled.wgsl?raw';
import { dispatch, foldGrid, type BufferView, type Dispatch } from '../../gpu/dispatch';
import { makeKernel, type Kernel } from '../../gpu/shader';
import { areQuads, cells } from './variants';

/** sum += scale·addend, `count` elements of f32. */
export function addScaled(args: {
  readonly label: string;
  readonly sum: BufferView;
  readonly addend: BufferView;
  readonly count: number;
  readonly scale: number;
}): Dispatch {
  const { label, sum, addend, count, scale } = args;
  const quads = areQuads(count);
  const length = quads ? count / 4 : count;
  const groups = foldGrid(Math.ceil(length / 64));
  return dispatch(label, kernel(quads), { addend, sum }, { cells: length, scale }, groups);
}

function kernel(quads: boolean): Kernel {
  return makeKernel(quads ? 'addScaled of quads' : 'addScaled', source, [cells(quads)]);
}

export function addScaledVariants(): Kernel[] {
  return [kernel(true), kernel(false)];
}
