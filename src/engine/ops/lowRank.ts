import dropoutLib from '../../../shaders/lib/dropout.wgsl?raw';
import stepLib from '../../../shaders/lib/step.wgsl?raw';
import tileLib from '../../../shaders/lib/tile.wgsl?raw';
import gradientSource from '../../../shaders/lowRankGradient.wgsl?raw';
import maskedSource from '../../../shaders/maskedDownProjection.wgsl?raw';
import presumSource from '../../../shaders/presum.wgsl?raw';
import type { ModuleName } from '../../config/modules';
import { dispatch, type BufferView, type Dispatch } from '../gpu/dispatch';
import { makeKernel, type Kernel } from '../gpu/shader';
import { dropoutParams, dropoutScale, moduleIndex, type DropoutMask } from './dropout';
import type { Columns } from './matmul';

export interface MaskedDownProjectionArgs {
  readonly label: string;
  /** [N, inner] f32. */
  readonly x: BufferView;
  /** [modules, experts, rank, inner] f32 from element `aOffset`. */
  readonly a: BufferView;
  readonly aOffset: number;
  /** [N, modules·rank] f32. */
  readonly u: BufferView;
  readonly rows: number;
  readonly inner: number;
  readonly rank: number;
  readonly experts: number;
  /** The one to three modules that read x. */
  readonly modules: readonly ModuleName[];
  readonly layer: number;
  readonly p: number;
}

/** u = Σ_i A_i (M_i ∘ x) for all modules that read the same x, in one launch. */
export function maskedDownProjection(args: MaskedDownProjectionArgs): Dispatch {
  const { modules, rank, rows } = args;
  const [module0 = 0, module1 = 0, module2 = 0] = modules.map(moduleIndex);
  return dispatch(
    args.label,
    MASKED,
    { x: args.x, a: args.a, u: args.u },
    {
      rows,
      inner: args.inner,
      rank,
      experts: args.experts,
      a_offset: args.aOffset,
      u_stride: modules.length * rank,
      layer: args.layer,
      module0,
      module1,
      module2,
      ...dropoutScale(args.p),
    },
    [Math.ceil(rank / 32), Math.ceil(rows / 32), modules.length],
  );
}

export interface LowRankGradientArgs {
  readonly label: string;
  /** The narrow side: u for dB, du for dA. */
  readonly p: Columns;
  readonly narrow: number;
  /** The wide side [N, wide]: dy for dB, x for dA. */
  readonly q: BufferView;
  readonly wide: number;
  /** Gradient buffer; element (j, k) is at offset + j·narrowStride + k·wideStride. */
  readonly dm: BufferView;
  readonly offset: number;
  readonly narrowStride: number;
  readonly wideStride: number;
  readonly scale: number;
  readonly rows: number;
  /** Mask of the wide side, and the expert that it belongs to. */
  readonly dropout?: DropoutMask | undefined;
  readonly expert?: number;
}

/** dm += scale·pᵀ (M ∘ q), summed over the rows. */
export function lowRankGradient(args: LowRankGradientArgs): Dispatch {
  return dispatch(
    args.label,
    gradientKernel(args.dropout !== undefined),
    { p: args.p.view, q: args.q, dm: args.dm },
    {
      rows: args.rows,
      narrow: args.narrow,
      p_stride: args.p.stride,
      p_offset: args.p.offset,
      wide: args.wide,
      dm_offset: args.offset,
      narrow_stride: args.narrowStride,
      wide_stride: args.wideStride,
      scale: args.scale,
      expert: args.expert ?? 0,
      ...dropoutParams(args.dropout),
    },
    [Math.ceil(args.wide / 64), Math.ceil(args.narrow / 8), 1],
  );
}

/** One stack of A's to be summed, in elements. */
export interface Stack {
  readonly aOffset: number;
  readonly experts: number;
  readonly elements: number;
  readonly sumOffset: number;
}

/** Contents of the `stacks` table that the presum reads. */
export function stackTable(stacks: readonly Stack[]): Uint32Array<ArrayBuffer> {
  return new Uint32Array(stacks.flatMap((s) => [s.aOffset, s.experts, s.elements, s.sumOffset]));
}

/** a_eff = Σ_i A_i for every stack, in one launch. */
export function presum(args: {
  readonly label: string;
  readonly a: BufferView;
  readonly table: BufferView;
  readonly sums: BufferView;
  readonly stacks: readonly Stack[];
}): Dispatch {
  const largest = Math.max(...args.stacks.map((stack) => stack.elements));
  return dispatch(args.label, PRESUM, { a: args.a, stacks: args.table, a_eff: args.sums }, {}, [
    Math.ceil(largest / 256),
    args.stacks.length,
    1,
  ]);
}

const MASKED = makeKernel('maskedDownProjection', maskedSource, [tileLib, dropoutLib, stepLib]);
const PRESUM = makeKernel('presum', presumSource);

function gradientKernel(dropout: boolean): Kernel {
  return makeKernel('lowRankGradient', gradientSource, [dropoutLib, stepLib], { DROPOUT: dropout });
}

/** Every variant, for the tests that compile them all. */
export function lowRankVariants(): Kernel[] {
  return [MASKED, PRESUM, gradientKernel(false), gradientKernel(true)];
}
