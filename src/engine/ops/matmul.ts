import dropoutLib from '../../../shaders/lib/dropout.wgsl?raw';
import stepLib from '../../../shaders/lib/step.wgsl?raw';
import tileLib from '../../../shaders/lib/tile.wgsl?raw';
import weightLib from '../../../shaders/lib/weight.wgsl?raw';
import backwardSource from '../../../shaders/matmulBackward.wgsl?raw';
import forwardSource from '../../../shaders/matmul.wgsl?raw';
import { dispatch, type BufferView, type Dispatch } from '../gpu/dispatch';
import { makeKernel, type Kernel } from '../gpu/shader';
import { dropoutParams, type DropoutMask } from './dropout';
import { DTYPE_CODE, weightSlices, type Weight, type WeightDtype } from './weight';

/**
 * Name of the kernels that this file launches. Another choice would sum in another order, so a run records it:
 * bits are only equal with the same one.
 */
export const GEMM_KERNELS = 'workgroup tile 32x32x16';

/** Rows and columns of the output that one workgroup covers. */
const TILE = 32;

/** A matrix of activations [N, stride] of which some columns are meant. */
export interface Columns {
  readonly view: BufferView;
  /** Elements from row to row. */
  readonly stride: number;
  /** First column. */
  readonly offset: number;
}

/** The adapter's contribution s·B u to a linear layer's output. */
export interface ForwardTail {
  /** [N, stride] f32; `rank` columns are read. */
  readonly u: Columns;
  /** [out, rank] f32, from element `offset`. */
  readonly b: BufferView;
  readonly bOffset: number;
  readonly rank: number;
  readonly scale: number;
}

/** The adapter's contribution Σ_i M_i ∘ (du A_i) to the gradient of a linear layer's input. */
export interface BackwardTail {
  /** [N, stride] f32, already times s; `rank` columns are read. */
  readonly du: Columns;
  /** [experts, rank, in] f32, from element `aOffset`. */
  readonly a: BufferView;
  readonly aOffset: number;
  readonly rank: number;
  readonly experts: number;
  readonly dropout: DropoutMask | undefined;
}

export interface MatmulArgs {
  readonly label: string;
  /** [N, in] f32. */
  readonly x: BufferView;
  /** [out, in]. */
  readonly weight: Weight;
  /** Elements to skip at the start of the weight's buffer. */
  readonly weightOffset?: number;
  readonly bias?: Weight | undefined;
  /** Added to the result; same shape as y. */
  readonly residual?: BufferView | undefined;
  readonly tail?: ForwardTail | undefined;
  readonly y: Columns;
  readonly rows: number;
  /** Largest storage binding in bytes; a larger weight is bound in slices of its rows. */
  readonly maxBinding: number;
}

/** y = x Wᵀ + bias + residual + s·u Bᵀ; one dispatch per slice of the weight. */
export function matmul(args: MatmulArgs): Dispatch[] {
  const { label, x, weight, weightOffset = 0, bias, residual, tail, y, rows } = args;
  const [, inner = 0] = weight.shape;
  const kernel = matmulKernel({
    dtype: weight.dtype,
    biasDtype: bias?.dtype,
    residual: residual !== undefined,
    tail: tail !== undefined,
  });
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
        w_offset: weightOffset,
        bias_offset: slice.firstRow,
        y_stride: y.stride,
        y_offset: y.offset + slice.firstRow,
        rank: tail?.rank ?? 0,
        u_stride: tail?.u.stride ?? 0,
        u_offset: tail?.u.offset ?? 0,
        b_offset: (tail?.bOffset ?? 0) + slice.firstRow * (tail?.rank ?? 0),
        scale: tail?.scale ?? 0,
      },
      [Math.ceil(slice.rows / TILE), Math.ceil(rows / TILE), 1],
    );
  });
}

export interface MatmulBackwardArgs {
  readonly label: string;
  /** [N, out] f32. */
  readonly dy: BufferView;
  /** [out, in]. */
  readonly weight: Weight;
  readonly weightOffset?: number;
  /** Factor of dy·W; 1 unless given. */
  readonly scale?: number;
  readonly tail?: BackwardTail | undefined;
  readonly dx: Columns;
  /** Add to what dx holds. */
  readonly accumulate: boolean;
  readonly rows: number;
  readonly maxBinding: number;
}

/** dx (+)= scale·dy W + Σ_i M_i ∘ (du A_i); slices after the first add to it. */
export function matmulBackward(args: MatmulBackwardArgs): Dispatch[] {
  const { label, dy, weight, weightOffset = 0, scale = 1, dx, rows } = args;
  const [outs = 0, cols = 0] = weight.shape;
  const slices = weightSlices(weight, args.maxBinding);
  return slices.map((slice, index) => {
    const tail = index === 0 ? args.tail : undefined;
    return dispatch(
      label,
      matmulBackwardKernel({
        dtype: weight.dtype,
        tail: tail !== undefined,
        dropout: tail?.dropout !== undefined,
        accumulate: args.accumulate || index > 0,
      }),
      { dy, w: slice.view, du: tail?.du.view ?? UNUSED, a: tail?.a ?? UNUSED, dx: dx.view },
      {
        rows,
        outs: slice.rows,
        cols,
        dy_stride: outs,
        dy_offset: slice.firstRow,
        w_offset: weightOffset,
        dx_stride: dx.stride,
        dx_offset: dx.offset,
        scale,
        rank: tail?.rank ?? 0,
        experts: tail?.experts ?? 0,
        du_stride: tail?.du.stride ?? 0,
        du_offset: tail?.du.offset ?? 0,
        a_offset: tail?.aOffset ?? 0,
        ...dropoutParams(tail?.dropout),
      },
      [Math.ceil(cols / TILE), Math.ceil(rows / TILE), 1],
    );
  });
}

/** Name of the four-byte buffer that every plan has, bound where a variant reads nothing. */
export const UNUSED: BufferView = { buffer: 'unused' };

interface ForwardVariant {
  readonly dtype: WeightDtype;
  readonly biasDtype?: WeightDtype | undefined;
  readonly residual: boolean;
  readonly tail: boolean;
}

function matmulKernel({ dtype, biasDtype, residual, tail }: ForwardVariant): Kernel {
  return makeKernel('matmul', forwardSource, [weightLib, tileLib], {
    DTYPE: DTYPE_CODE[dtype],
    BIAS_DTYPE: DTYPE_CODE[biasDtype ?? 'F32'],
    BIAS: biasDtype !== undefined,
    RESIDUAL: residual,
    TAIL: tail,
  });
}

interface BackwardVariant {
  readonly dtype: WeightDtype;
  readonly tail: boolean;
  readonly dropout: boolean;
  readonly accumulate: boolean;
}

function matmulBackwardKernel({ dtype, tail, dropout, accumulate }: BackwardVariant): Kernel {
  return makeKernel('matmulBackward', backwardSource, [weightLib, tileLib, dropoutLib, stepLib], {
    DTYPE: DTYPE_CODE[dtype],
    TAIL: tail,
    DROPOUT: dropout,
    ACCUMULATE: accumulate,
  });
}

/** Every variant of both kernels, for the tests that compile them all. */
export function matmulVariants(): Kernel[] {
  const dtypes: WeightDtype[] = ['F32', 'F16', 'BF16'];
  const flags = [false, true];
  return dtypes.flatMap((dtype) =>
    flags.flatMap((tail) =>
      flags.flatMap((flag) => [
        matmulKernel({ dtype, biasDtype: flag ? dtype : undefined, residual: flag, tail }),
        matmulBackwardKernel({ dtype, tail, dropout: flag && tail, accumulate: flag }),
      ]),
    ),
  );
}
