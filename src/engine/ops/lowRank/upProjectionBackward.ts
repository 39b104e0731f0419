import slicesLib from '../../../../shaders/lib/slices.wgsl?raw';
import source from '../../../../shaders/upProjectionBackward.wgsl?raw';
import { dispatch, type BufferView, type Dispatch } from '../../gpu/dispatch';
import { makeKernel, type Kernel } from '../../gpu/shader';
import { areQuads, cells, sharing, SHARINGS, type Sharing } from './variants';

export interface UpProjectionBackwardArgs {
  readonly label: string;
  /** The one to three modules of the launch. */
  readonly modules: readonly {
    /** [N, outs] f32. */
    readonly dy: BufferView;
    readonly outs: number;
    /** First element of its B [outs, rank] in `b`. */
    readonly bOffset: number;
  }[];
  readonly b: BufferView;
  /** [N, modules·rank] f32. */
  readonly du: BufferView;
  readonly rows: number;
  readonly rank: number;
  readonly scale: number;
}

/** du = scale·dy B for all modules that read the same x, in one launch. */
export function upProjectionBackward(args: UpProjectionBackwardArgs): Dispatch {
  const { modules, rows, rank } = args;
  const [first, second = first, third = first] = modules;
  if (first === undefined || second === undefined || third === undefined) throw new Error('no module');
  const { sharing: rowSharing, rowsOfGroup } = sharing(rows, Math.max(...modules.map(({ outs }) => outs)));
  const quads = areQuads(rank, ...modules.flatMap(({ outs, bOffset }) => [outs, bOffset]));
  return dispatch(
    args.label,
    kernel(rowSharing, quads),
    { dy0: first.dy, dy1: second.dy, dy2: third.dy, b: args.b, du: args.du },
    {
      rows,
      rank,
      du_stride: modules.length * rank,
      scale: args.scale,
      outs0: first.outs,
      outs1: second.outs,
      outs2: third.outs,
      b_offset0: first.bOffset,
      b_offset1: second.bOffset,
      b_offset2: third.bOffset,
    },
    [Math.ceil(rank / 8), Math.ceil(rows / rowsOfGroup), modules.length],
  );
}

function kernel(rowSharing: Sharing, quads: boolean): Kernel {
  return makeKernel(
    'upProjectionBackward',
    source,
    [slicesLib, cells(quads)],
    { ...rowSharing, QUADS: quads },
    { i: rowSharing.ROWS, k: 4 },
  );
}

export function upProjectionBackwardVariants(): Kernel[] {
  return Object.values(SHARINGS).flatMap((rowSharing) =>
    [true, false].map((quads) => kernel(rowSharing, quads)),
  );
}
