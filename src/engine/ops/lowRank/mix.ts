import reduceLib from '../../../../shaders/lib/reduce.wgsl?raw';
import stepLib from '../../../../shaders/lib/step.wgsl?raw';
import source from '../../../../shaders/mix.wgsl?raw';
import backwardSource from '../../../../shaders/mixBackward.wgsl?raw';
import loadSource from '../../../../shaders/routerLoad.wgsl?raw';
import { dispatch, type BufferView, type Dispatch } from '../../gpu/dispatch';
import { makeKernel, type Kernel } from '../../gpu/shader';

/** Threads of a workgroup, and so the most experts that a router can have. */
const THREADS = 64;

const MIX = makeKernel('mix', source);
const BACKWARD = makeKernel('mixBackward', backwardSource, [stepLib]);
const LOAD = makeKernel('routerLoad', loadSource, [reduceLib]);

/** The routing of the modules that read one x. */
export interface MixShape {
  readonly label: string;
  readonly rows: number;
  readonly rank: number;
  /** E, 1 to 64. */
  readonly experts: number;
  /** Number of the modules. */
  readonly modules: number;
  /** Whether a module has E u's, side by side, or one. */
  readonly manyU: boolean;
  /** Whether a module has E v's, side by side, or one. */
  readonly manyV: boolean;
}

/** Floats of one token's gates at one module: p, g and the index of the largest. */
export function gateWidth(experts: number): number {
  return 2 * experts + 1;
}

/**
 * Gates from a router's logits, and v = g_i u_i side by side (or Σ_i g_i u_i where there is one v).
 *
 * @param args z f32 [N, modules·E]; u f32 [N, modules, E or 1, R]; gates f32 [N, modules, 2E + 1]; v f32 [N, modules,
 * E or 1, R]; topK: experts that a token goes to, 1 to E
 */
export function mix(
  args: MixShape & {
    readonly topK: number;
    readonly z: BufferView;
    readonly u: BufferView;
    readonly gates: BufferView;
    readonly v: BufferView;
  },
): Dispatch {
  const { z, u, gates, v } = args;
  return dispatch(args.label, MIX, { z, u, gates, v }, { ...params(args), top_k: args.topK }, grid(args));
}

/**
 * du and dz from dv; dz holds the balance loss's part.
 *
 * @param args router: index of the first module's router; balance: coefficient of the balance loss times E / routers
 */
export function mixBackward(
  args: MixShape & {
    readonly u: BufferView;
    readonly dv: BufferView;
    readonly gates: BufferView;
    readonly shares: BufferView;
    readonly targets: BufferView;
    readonly du: BufferView;
    readonly dz: BufferView;
    readonly router: number;
    readonly balance: number;
  },
): Dispatch {
  const { u, dv, gates, shares, targets, du, dz, router, balance } = args;
  const bind = { u, dv, gates, shares, targets, du, dz };
  return dispatch(args.label, BACKWARD, bind, { ...params(args), router, balance }, grid(args));
}

/**
 * Adds a micro-batch to the routers' totals, f32 [routers, E, 4] (Σ g, tokens whose largest gate it is, entropy's part,
 * balance loss's part), and leaves f_i in `shares`, f32 [routers, E].
 */
export function routerLoad(
  args: Pick<MixShape, 'label' | 'rows' | 'experts' | 'modules'> & {
    readonly gates: BufferView;
    readonly targets: BufferView;
    readonly shares: BufferView;
    readonly totals: BufferView;
    readonly router: number;
    readonly topK: number;
  },
): Dispatch {
  const { label, rows, experts, modules, gates, targets, shares, totals, router, topK } = args;
  const fields = { rows, experts, modules, router, dense: topK === experts ? 1 : 0 };
  return dispatch(label, LOAD, { gates, targets, shares, totals }, fields, [experts, 1, modules]);
}

function params({ rows, rank, experts, modules, manyU, manyV }: MixShape) {
  return { rows, rank, experts, modules, u_heads: manyU ? experts : 1, v_heads: manyV ? experts : 1 };
}

function grid({ rows, experts, modules }: MixShape): readonly [number, number, number] {
  return [Math.ceil(rows / Math.floor(THREADS / experts)), 1, modules];
}

export function mixVariants(): Kernel[] {
  return [MIX, BACKWARD, LOAD];
}
