import adamwSource from '../../../shaders/adamw.wgsl?raw';
import clipSource from '../../../shaders/clipFactor.wgsl?raw';
import normSource from '../../../shaders/gradientNorm.wgsl?raw';
import reduceLib from '../../../shaders/lib/reduce.wgsl?raw';
import stepLib from '../../../shaders/lib/step.wgsl?raw';
import { dispatch, foldGrid, type BufferView, type Dispatch } from '../gpu/dispatch';
import { makeKernel, type Kernel } from '../gpu/shader';
import { bothCells, cellKernel, cellSize } from './kernels';

/** AdamW's constants as torch.optim.AdamW has them by default. */
export const ADAMW = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8 } as const;

/** Workgroups of the norm's first stage, and so partial sums. */
const NORM_GROUPS = 64;

/** A run of weights that share a run of gradient elements, both in elements. */
export interface GradientRun {
  readonly weight: number;
  readonly gradient: number;
  readonly length: number;
}

/** Most weights that one workgroup of AdamW updates. */
const BLOCK = 256;

/** Cuts the runs into the blocks that the kernels walk: [weight, gradient, length] each. */
export function blockTable(runs: readonly GradientRun[]): Uint32Array<ArrayBuffer> {
  const blocks: number[] = [];
  for (const run of runs) {
    for (let at = 0; at < run.length; at += BLOCK) {
      blocks.push(run.weight + at, run.gradient + at, Math.min(BLOCK, run.length - at));
    }
  }
  return new Uint32Array(blocks);
}

/** Number of blocks in that table. */
export function blockCount(runs: readonly GradientRun[]): number {
  return runs.reduce((count, { length }) => count + Math.ceil(length / BLOCK), 0);
}

/** Bytes of the partial sums. */
export const PARTIALS_BYTES = NORM_GROUPS * 4;

export interface AdamWArgs {
  readonly weights: BufferView;
  readonly gradient: BufferView;
  readonly m: BufferView;
  readonly v: BufferView;
  /** The runs as `blockTable` cuts them. */
  readonly blocks: BufferView;
  readonly runs: readonly GradientRun[];
  /** [NORM_GROUPS] f32 scratch. */
  readonly partials: BufferView;
  /** [2] f32: the global norm before clipping, and the clip factor. */
  readonly norm: BufferView;
  readonly weightDecay: number;
  /** 0 turns clipping off. */
  readonly maxGradNorm: number;
}

/** Global norm, clip factor and update: three launches, no round trip to the CPU. */
export function adamw(args: AdamWArgs): Dispatch[] {
  const { gradient, blocks, runs, partials, norm } = args;
  const count = blockCount(runs);
  const width = commonWidth(runs);
  return [
    dispatch('gradient norm', normKernel(width), { gradient, blocks, partials }, { blocks: count }, [
      NORM_GROUPS,
      1,
      1,
    ]),
    dispatch(
      'clip factor',
      CLIP,
      { partials, norm },
      { count: NORM_GROUPS, max_grad_norm: args.maxGradNorm },
      [1, 1, 1],
    ),
    dispatch(
      'AdamW',
      updateKernel(width),
      { weights: args.weights, gradient, m: args.m, v: args.v, blocks, norm },
      {
        blocks: count,
        beta1: ADAMW.beta1,
        rest1: 1 - ADAMW.beta1,
        beta2: ADAMW.beta2,
        rest2: 1 - ADAMW.beta2,
        epsilon: ADAMW.epsilon,
        weight_decay: args.weightDecay,
      },
      foldGrid(count),
    ),
  ];
}

/** A width that every run's ends are multiples of: 4, so that quads can be read, or 1. */
function commonWidth(runs: readonly GradientRun[]): number {
  const ends = runs.flatMap(({ weight, gradient, length }) => [weight, gradient, length]);
  return Math.min(...ends.map(cellSize));
}

const normKernel = (width: number) =>
  cellKernel({ name: 'gradientNorm', source: normSource, width, libs: [reduceLib] });
const updateKernel = (width: number) =>
  cellKernel({ name: 'adamw', source: adamwSource, width, libs: [stepLib] });
const CLIP = makeKernel('clipFactor', clipSource, [reduceLib]);

/** Every variant, for the tests that compile them all. */
export function adamwVariants(): Kernel[] {
  return [...bothCells(normKernel), CLIP, ...bothCells(updateKernel)];
}
