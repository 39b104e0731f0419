import source from '../../../../shaders/downProjection.wgsl?raw';
import dropoutLib from '../../../../shaders/lib/dropout.wgsl?raw';
import slicesLib from '../../../../shaders/lib/slices.wgsl?raw';
import stepLib from '../../../../shaders/lib/step.wgsl?raw';
import type { ModuleName } from '../../../config/modules';
import { dispatch, type BufferView, type Dispatch } from '../../gpu/dispatch';
import { makeKernel, type Kernel } from '../../gpu/shader';
import { setMasks, type StackDropout } from '../dropout';
import { areQuads, cells, sharing, SHARINGS, type Sharing } from './variants';

export interface DownProjectionArgs {
  readonly label: string;
  /** [N, inner] f32. */
  readonly x: BufferView;
  /** [modules, rank, inner] f32 from element `aOffset`, with dropout [modules, experts, rank, inner]. */
  readonly a: BufferView;
  readonly aOffset: number;
  /** [N, modules·rank] f32, with `dropout.heads` [N, modules·experts·rank]. */
  readonly u: BufferView;
  readonly rows: number;
  readonly inner: number;
  /** R of one module. */
  readonly rank: number;
  /** The one to three modules that read x. */
  readonly modules: readonly ModuleName[];
  /** Masks of x, and how many a's a module has: one for each mask, with `oneA` one. */
  readonly dropout?: StackDropout | undefined;
}

/** u = Σ_i A_i (M_i ∘ x), or with heads each u_i, for all modules that read the same x, in one launch. */
export function downProjection(args: DownProjectionArgs): Dispatch {
  const { rows, inner, aOffset, modules, dropout } = args;
  const experts = dropout?.experts ?? 1;
  const heads = dropout?.heads === true ? experts : 1;
  const width = modules.length * heads * args.rank;
  // Without masks the modules' a's are one matrix.
  const [slots, rank] = dropout === undefined ? [1, width] : [modules.length * heads, args.rank];
  const { sharing: rowSharing, rowsOfGroup } = sharing(rows, inner);
  return dispatch(
    args.label,
    kernel(rowSharing, areQuads(inner, aOffset), dropout !== undefined),
    { x: args.x, a: args.a, u: args.u },
    {
      rows,
      inner,
      rank,
      experts: experts / heads,
      heads,
      sharers: dropout?.oneA === true ? experts : 1,
      a_offset: aOffset,
      u_stride: width,
      ...setMasks(modules, dropout),
    },
    [Math.ceil(rank / 8), Math.ceil(rows / rowsOfGroup), slots],
  );
}

function kernel(rowSharing: Sharing, quads: boolean, dropout: boolean): Kernel {
  return makeKernel(
    'downProjection',
    source,
    [slicesLib, cells(quads), dropoutLib, stepLib],
    { ...rowSharing, QUADS: quads, DROPOUT: dropout },
    { i: rowSharing.ROWS, j: 8 },
  );
}

export function downProjectionVariants(): Kernel[] {
  return Object.values(SHARINGS).flatMap((rowSharing) =>
    [true, false].flatMap((quads) => [kernel(rowSharing, quads, true), kernel(rowSharing, quads, false)]),
  );
}
