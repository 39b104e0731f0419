import { dispatch, type BufferView, type Dispatch } from '../gpu/dispatch';
import { gemmVariant, type KernelChoice } from './gemm/choice';
import { backwardKernel, forwardKernel } from './gemm/kernels';
import { maskedTail } from './maskedTail';
import { UNUSED, type BackwardTail, type Columns, type ForwardTail } from './operands';
import { DTYPE_CODE, weightSlices, type Weight } from './weight';

/** Value of the parameter bias_dtype where there is no bias (lib/matmul.wgsl). */
const NO_BIAS = 3;

export interface MatmulArgs {
  readonly label: string;
  /** [N, in] f32. */
  readonly x: BufferView;
  /** [out, in]. */
  readonly weight: Weight;
  readonly bias?: Weight | undefined;
  /** Added to the result; same shape as y. */
  readonly residual?: BufferView | undefined;
  readonly tail?: ForwardTail | undefined;
  readonly y: Columns;
  readonly rows: number;
  readonly kernels: KernelChoice;
  /** Largest storage binding in bytes; a larger weight is bound in slices of its rows. */
  readonly maxBinding: number;
}

/** y = x Wᵀ + bias + residual + s·u Bᵀ; one dispatch per slice of the weight. */
export function matmul(args: MatmulArgs): Dispatch[] {
  const { label, x, weight, bias, residual, tail, y, rows, kernels } = args;
  const [, inner = 0] = weight.shape;
  const variant = gemmVariant(kernels, 'nt', weight, rows);
  const { kernel, tileRows, tileCols } = forwardKernel(variant, weight.dtype, kernels);
  return weightSlices(weight, args.maxBinding).map((slice) => {
    return dispatch(
      label,
      kernel,
      {
        x,
        w: slice.view,
        bias: bias === undefined ? UNUSED : { buffer: bias.buffer },
        residual: residual ?? UNUSED,
        u: tail?.u.view ?? UNUSED,
        b: tail?.b ?? UNUSED,
        y: y.view,
      },
      {
        rows,
        cols: slice.rows,
        inner,
        bias_dtype: bias === undefined ? NO_BIAS : DTYPE_CODE[bias.dtype],
        bias_offset: slice.firstRow,
        residual: residual === undefined ? 0 : 1,
        y_stride: y.stride,
        y_offset: y.offset + slice.firstRow,
        rank: tail?.rank ?? 0,
        u_stride: tail?.u.stride ?? 0,
        u_offset: tail?.u.offset ?? 0,
        b_offset: (tail?.bOffset ?? 0) + slice.firstRow * (tail?.rank ?? 0),
        scale: tail?.scale ?? 0,
      },
      [Math.ceil(slice.rows / tileCols), Math.ceil(rows / tileRows), 1],
    );
  });
}

export interface MatmulBackwardArgs {
  readonly label: string;
  /** [N, out] f32. */
  readonly dy: BufferView;
  /** [out, in]. */
  readonly weight: Weight;
  readonly tails?: readonly BackwardTail[];
  readonly dx: Columns;
  /** Add to what dx holds. */
  readonly accumulate: boolean;
  readonly rows: number;
  readonly kernels: KernelChoice;
  readonly maxBinding: number;
}

/**
 * dx (+)= dy W + the tails; slices after the first add to it. The product holds one tail without a mask; the others are
 * computed before, and it adds to them.
 */
export function matmulBackward(args: MatmulBackwardArgs): Dispatch[] {
  const { label, dy, weight, dx, rows, kernels } = args;
  const [outs = 0, cols = 0] = weight.shape;
  const { tails = [] } = args;
  const fused = tails.find(({ dropout }) => dropout === undefined);
  const apart = tails.filter((tail) => tail !== fused);
  const variant = gemmVariant(kernels, 'nn', weight, rows);
  const { kernel, tileRows, tileCols } = backwardKernel(variant, weight.dtype, kernels);
  const before = apart.map((tail, index) => {
    const accumulate = args.accumulate || index > 0;
    return maskedTail({ label: `${label} / tail`, tail, dx, rows, cols, accumulate });
  });
  const products = weightSlices(weight, args.maxBinding, 4).map((slice, index) => {
    const tail = index === 0 ? fused : undefined;
    return dispatch(
      label,
      kernel,
      { dy, w: slice.view, du: tail?.du.view ?? UNUSED, a: tail?.a ?? UNUSED, dx: dx.view },
      {
        rows,
        outs: slice.rows,
        cols,
        dy_stride: outs,
        dy_offset: slice.firstRow,
        dx_stride: dx.stride,
        dx_offset: dx.offset,
        accumulate: args.accumulate || apart.length > 0 || index > 0 ? 1 : 0,
        rank: tail?.rank ?? 0,
        du_stride: tail?.du.stride ?? 0,
        du_offset: tail?.du.offset ?? 0,
        a_offset: tail?.aOffset ?? 0,
      },
      [Math.ceil(cols / tileCols), Math.ceil(rows / tileRows), 1],
    );
  });
  return [...before, ...products];
}
