import dropoutLib from '../../../shaders/lib/dropout.wgsl?raw';
import stepLib from '../../../shaders/lib/step.wgsl?raw';
import tileLib from '../../../shaders/lib/tile.wgsl?raw';
import source from '../../../shaders/maskedTail.wgsl?raw';
import { dispatch, type Dispatch } from '../gpu/dispatch';
import { makeKernel, type Kernel } from '../gpu/shader';
import { dropoutParams } from './dropout';
import type { BackwardTail, Columns } from './operands';

const kernel = (accumulate: boolean, masked: boolean) =>
  makeKernel('maskedTail', source, [tileLib, dropoutLib, stepLib], {
    ACCUMULATE: accumulate,
    MASKED: masked,
  });

export const maskedTailKernels: readonly Kernel[] = [true, false].flatMap((masked) => [
  kernel(false, masked),
  kernel(true, masked),
]);

/**
 * dx (+)= Σ_i M_i ∘ (du_i A_i): a part of the gradient of an input that is no part of the frozen product, because
 * dropout masked it or because that has one already.
 *
 * @param dx f32 [N, cols] within rows of `dx.stride`
 * @param accumulate add to what dx holds
 */
export function maskedTail({
  label,
  tail,
  dx,
  rows,
  cols,
  accumulate,
}: {
  readonly label: string;
  readonly tail: BackwardTail;
  readonly dx: Columns;
  readonly rows: number;
  readonly cols: number;
  readonly accumulate: boolean;
}): Dispatch {
  return dispatch(
    label,
    kernel(accumulate, tail.dropout !== undefined),
    { du: tail.du.view, a: tail.a, dx: dx.view },
    {
      rows,
      cols,
      dx_stride: dx.stride,
      dx_offset: dx.offset,
      rank: tail.rank,
      experts: tail.experts,
      du_step: tail.heads === true ? tail.rank : 0,
      a_step: tail.oneA === true ? 0 : tail.rank * cols,
      du_stride: tail.du.stride,
      du_offset: tail.du.offset,
      a_offset: tail.aOffset,
      ...dropoutParams(tail.dropout),
    },
    [Math.ceil(cols / 32), Math.ceil(rows / 32), 1],
  );
}
