import source from '../../../shaders/accumulateSum.wgsl?raw';
import reduceLib from '../../../shaders/lib/reduce.wgsl?raw';
import { dispatch, type BufferView, type Dispatch } from '../gpu/dispatch';
import { makeKernel, type Kernel } from '../gpu/shader';

const kernel = makeKernel('accumulateSum', source, [reduceLib]);

export const sumLossesKernels: readonly Kernel[] = [kernel];

/**
 * sums[slot] += Σ values[0 .. count), always in the same order.
 *
 * @param values f32 [count]
 * @param sums f32, added to at `slot` only
 */
export function accumulateSum({
  label,
  values,
  count,
  sums,
  slot,
}: {
  readonly label: string;
  readonly values: BufferView;
  readonly count: number;
  readonly sums: BufferView;
  readonly slot: number;
}): Dispatch {
  return dispatch(label, kernel, { values, sums }, { count, slot }, [1, 1, 1]);
}
