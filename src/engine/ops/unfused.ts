import type { BufferView, Dispatch } from '../gpu/dispatch';
import { addScaled, downProjection } from './lowRank';

export interface UnfusedArgs {
  readonly label: string;
  /** The frozen product, y = x Wᵀ + bias: one launch for each slice of W. */
  readonly base: readonly Dispatch[];
  /** [N, inner] f32. */
  readonly x: BufferView;
  /** [experts, rank, inner] f32 from element `aOffset`. */
  readonly a: BufferView;
  readonly aOffset: number;
  /** [outs, rank] f32 from element `bOffset`. */
  readonly b: BufferView;
  readonly bOffset: number;
  /** [N, outs] f32, written by `base`. */
  readonly y: BufferView;
  /** Scratch, [N, rank] f32: u, and one expert's share of it. */
  readonly u: BufferView;
  readonly share: BufferView;
  /** Scratch, [N, outs] f32. */
  readonly increment: BufferView;
  readonly rows: number;
  readonly inner: number;
  readonly outs: number;
  readonly rank: number;
  readonly experts: number;
  readonly scale: number;
}

/**
 * y = W x + s·B Σ_i A_i x as the formula is written: the frozen product, E down-projections, E − 1 sums, one
 * up-projection and one sum, 2E + 2 launches where W is bound whole. What every library without a fused path does;
 * the fused path is held against it and timed against it.
 */
export function unfusedForward(args: UnfusedArgs): Dispatch[] {
  const { label, x, y, u, share, increment, rows, inner, outs, rank, experts } = args;
  const project = (what: string, from: BufferView, weights: BufferView, to: BufferView, shape: Shape) =>
    downProjection({ label: `${label} / ${what}`, x: from, a: weights, u: to, rows, ...ONE, ...shape });
  return [
    ...args.base,
    ...Array.from({ length: experts }, (_, expert) => {
      const shape = { inner, rank, aOffset: args.aOffset + expert * rank * inner };
      const down = project(`A ${expert}`, x, args.a, expert === 0 ? u : share, shape);
      if (expert === 0) return [down];
      return [
        down,
        addScaled({ label: `${label} / sum`, sum: u, addend: share, count: rows * rank, scale: 1 }),
      ];
    }).flat(),
    project('B', u, args.b, increment, { inner: rank, rank: outs, aOffset: args.bOffset }),
    addScaled({ label, sum: y, addend: increment, count: rows * outs, scale: args.scale }),
  ];
}

/** A projection of one matrix; without masks its name plays no part. */
const ONE = { modules: ['q_proj'] } as const;

interface Shape {
  readonly inner: number;
  readonly rank: number;
  readonly aOffset: number;
}
