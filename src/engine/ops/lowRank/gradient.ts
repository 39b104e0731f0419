import dropoutLib from '../../../../shaders/lib/dropout.wgsl?raw';
import slicesLib from '../../../../shaders/lib/slices.wgsl?raw';
import stepLib from '../../../../shaders/lib/step.wgsl?raw';
import source from '../../../../shaders/lowRankGradient.wgsl?raw';
import type { ModuleName } from '../../../config/modules';
import { dispatch, type BufferView, type Dispatch } from '../../gpu/dispatch';
import { makeKernel, type Kernel } from '../../gpu/shader';
import { setMasks, type StackDropout } from '../dropout';
import { areQuads, cells } from './variants';

/** Columns of one workgroup. */
const COLUMNS = 32;

export interface UpGradientArgs {
  readonly label: string;
  /** The one to three modules of the launch. */
  readonly modules: readonly {
    /** [N, outs] f32. */
    readonly dy: BufferView;
    readonly outs: number;
    /** First element of its dB [outs, rank] in `gradient`, or of its dB's [experts, outs, rank]. */
    readonly offset: number;
  }[];
  /** [N, modules·experts·rank] f32. */
  readonly u: BufferView;
  readonly gradient: BufferView;
  readonly rows: number;
  /** B's of a module, each with a u of its own; one unless given. */
  readonly experts?: number;
  readonly rank: number;
  readonly scale: number;
}

/** dB_i += scale·dyᵀ u_i for all modules that read the same x, and all their experts, in one launch. */
export function upGradient(args: UpGradientArgs): Dispatch {
  const { modules, rows, rank, scale, experts = 1 } = args;
  const [first, second = first, third = first] = modules;
  if (first === undefined || second === undefined || third === undefined) throw new Error('no module');
  const outs = modules.map((module) => module.outs);
  return dispatch(
    args.label,
    kernel({ quads: areQuads(rank, ...outs), dropout: false, summed: false }),
    { p: args.u, q0: first.dy, q1: second.dy, q2: third.dy, dm: args.gradient },
    {
      rows,
      rank,
      p_stride: modules.length * experts * rank,
      narrow_stride: 1,
      wide_stride: rank,
      scale,
      wide0: first.outs,
      wide1: second.outs,
      wide2: third.outs,
      dm_offset0: first.offset,
      dm_offset1: second.offset,
      dm_offset2: third.offset,
      experts,
      heads: experts,
      ...setMasks([], undefined),
    },
    [Math.ceil(Math.max(...outs) / COLUMNS), Math.ceil(rank / 8), modules.length * experts],
  );
}

export interface DownGradientArgs {
  readonly label: string;
  /** [N, inner] f32. */
  readonly x: BufferView;
  readonly inner: number;
  /** [N, modules·rank] f32, with `dropout.heads` [N, modules·experts·rank]. */
  readonly du: BufferView;
  readonly gradient: BufferView;
  /** The one to three modules that read x. */
  readonly modules: readonly ModuleName[];
  /** First element of the first module's dA [rank, inner] in `gradient`; the others' follow. */
  readonly offset: number;
  readonly rows: number;
  readonly rank: number;
  /** Masks of x, and how many dA's a module has: one for each mask, with `oneA` one, their sum. */
  readonly dropout?: StackDropout | undefined;
}

/** dA_i += du_iᵀ (M_i ∘ x) for all modules that read the same x, and all their experts, in one launch. */
export function downGradient(args: DownGradientArgs): Dispatch {
  const { modules, rows, inner, offset, dropout } = args;
  const masks = dropout?.experts ?? 1;
  const heads = dropout?.heads === true ? masks : 1;
  const summed = dropout?.oneA === true;
  const width = modules.length * heads * args.rank;
  // Without masks the modules' gradients are one matrix.
  const [slots, rank] = dropout === undefined ? [1, width] : [modules.length, args.rank];
  const experts = summed ? 1 : masks;
  const stack = experts * rank * inner;
  return dispatch(
    args.label,
    kernel({ quads: areQuads(rank, inner), dropout: dropout !== undefined, summed }),
    { p: args.du, q0: args.x, q1: args.x, q2: args.x, dm: args.gradient },
    {
      rows,
      rank,
      p_stride: width,
      narrow_stride: inner,
      wide_stride: 1,
      scale: 1,
      wide0: inner,
      wide1: inner,
      wide2: inner,
      dm_offset0: offset,
      dm_offset1: offset + stack,
      dm_offset2: offset + 2 * stack,
      experts,
      heads,
      ...setMasks(modules, dropout),
    },
    [Math.ceil(inner / COLUMNS), Math.ceil(rank / 8), slots * experts],
  );
}

interface Variant {
  readonly quads: boolean;
  readonly dropout: boolean;
  readonly summed: boolean;
}

function kernel({ quads, dropout, summed }: Variant): Kernel {
  return makeKernel(
    'lowRankGradient',
    source,
    [slicesLib, cells(quads), dropoutLib, stepLib],
    { QUADS: quads, DROPOUT: dropout, SUMMED: summed },
    { j: 8 },
  );
}

export function gradientVariants(): Kernel[] {
  return [true, false].flatMap((quads) => [
    kernel({ quads, dropout: false, summed: false }),
    kernel({ quads, dropout: true, summed: false }),
    kernel({ quads, dropout: true, summed: true }),
  ]);
}
