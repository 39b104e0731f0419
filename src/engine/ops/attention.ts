import source from '../../../shaders/attention.wgsl?raw';
import keyValueSource from '../../../shaders/attentionBackwardKv.wgsl?raw';
import keyValueSubgroupSource from '../../../shaders/attentionBackwardKvSubgroup.wgsl?raw';
import querySource from '../../../shaders/attentionBackwardQ.wgsl?raw';
import querySubgroupSource from '../../../shaders/attentionBackwardQSubgroup.wgsl?raw';
import rowTermsSource from '../../../shaders/attentionRowTerms.wgsl?raw';
import subgroupSource from '../../../shaders/attentionSubgroup.wgsl?raw';
import headLanesLib from '../../../shaders/lib/headLanes.wgsl?raw';
import headTileLib from '../../../shaders/lib/headTile.wgsl?raw';
import { dispatch, foldGrid, type BufferView, type Dispatch } from '../gpu/dispatch';
import { makeKernel, type Kernel } from '../gpu/shader';
import { bothCells, cellKernel } from './kernels';

/** Largest head width that the kernels' registers and tiles hold. */
export const MAX_HEAD_DIM = 256;

const rowTerms = (width: number) => cellKernel({ name: 'attentionRowTerms', source: rowTermsSource, width });

/** @throws Error for heads that are wider than MAX_HEAD_DIM */
export function requireHeadDim(headDim: number): void {
  if (headDim > MAX_HEAD_DIM) throw new Error(`heads ${headDim} wide: the kernels hold ${MAX_HEAD_DIM}`);
}

/** Query (or key) rows of a workgroup, as lib/headTile.wgsl asks: what 16 KiB of tiles hold. */
function blockRows(headDim: number): number {
  requireHeadDim(headDim);
  if (headDim <= 64) return 16;
  return headDim <= 128 ? 8 : 4;
}

/** Forward, dq, dk and dv by blocks of `rows` rows of one head. */
interface BlockKernels {
  readonly rows: number;
  readonly forward: Kernel;
  readonly query: Kernel;
  readonly keyValue: Kernel;
}

function tileKernels(headDim: number): BlockKernels {
  const rows = blockRows(headDim);
  const constants = { D: headDim, ROWS: rows };
  return {
    rows,
    forward: makeKernel('attention', source, [headTileLib], constants),
    query: makeKernel('attentionBackwardQ', querySource, [headTileLib], constants),
    keyValue: makeKernel('attentionBackwardKv', keyValueSource, [headTileLib], constants),
  };
}

/** As lib/headLanes.wgsl says: two rows a lane, tiles of 16 rows in as few registers as they fit. */
function subgroupKernels(headDim: number, subgroupSize: number): BlockKernels {
  const loaded = Math.min(subgroupSize, 16);
  const constants = { D: headDim, SUBGROUP: subgroupSize };
  const counts = { r: 2, h: 16 / loaded, j: loaded / 4 };
  const make = (name: string, text: string, libs: readonly string[]) =>
    makeKernel(name, text, libs, constants, counts);
  return {
    rows: 2 * subgroupSize,
    forward: make('attentionSubgroup', subgroupSource, [headLanesLib]),
    query: make('attentionBackwardQSubgroup', querySubgroupSource, [headLanesLib]),
    keyValue: make('attentionBackwardKvSubgroup', keyValueSubgroupSource, [headLanesLib]),
  };
}

/** Shuffles instead of workgroup memory where the caller wants them and a row is whole vec4s. */
function blockKernels({ headDim, subgroupSize }: AttentionShape): BlockKernels {
  return subgroupSize !== undefined && headDim % 4 === 0
    ? subgroupKernels(headDim, subgroupSize)
    : tileKernels(headDim);
}

const all = ({ forward, query, keyValue }: BlockKernels): Kernel[] => [forward, query, keyValue];

/** Every kernel that is not made per head width, and the others for some widths of real and odd checkpoints. */
export const attentionKernels: readonly Kernel[] = [
  ...bothCells(rowTerms),
  ...[8, 10, 16, 32, 48, 64, 80, 128, 256].flatMap((headDim) => all(tileKernels(headDim))),
];

/** Those for devices with subgroups of one width. */
export function attentionSubgroupKernels(subgroupSize: number): Kernel[] {
  return [32, 64].flatMap((headDim) => all(subgroupKernels(headDim, subgroupSize)));
}

export interface AttentionShape {
  readonly rows: number; // N
  readonly heads: number; // H
  readonly kvHeads: number; // K, divides H
  readonly headDim: number; // D, at most MAX_HEAD_DIM
  /** Width of all subgroups (a multiple of 4) on devices that are faster with shuffles than with workgroup memory. */
  readonly subgroupSize?: number | undefined;
}

/**
 * Block-diagonal causal attention with grouped queries: row n sees the rows first[n] .. n; query head h reads key/value
 * head floor(h / (H/K)); scores are scaled by D^-0.5. One workgroup for a block of rows of one head, which share tiles
 * of k and v.
 *
 * @param q f32 [N, H·D]
 * @param k f32 [N, K·D]
 * @param v f32 [N, K·D]
 * @param first u32 [N], at most n and never decreasing
 * @param o f32 [N, H·D], overwritten
 * @param lse f32 [N, H], log Σ exp of the scores, overwritten; the backward needs it
 */
export function attention({
  label,
  q,
  k,
  v,
  first,
  o,
  lse,
  ...shape
}: AttentionShape & {
  readonly label: string;
  readonly q: BufferView;
  readonly k: BufferView;
  readonly v: BufferView;
  readonly first: BufferView;
  readonly o: BufferView;
  readonly lse: BufferView;
}): Dispatch {
  const { rows, heads, kvHeads, headDim } = shape;
  const kernels = blockKernels(shape);
  return dispatch(
    label,
    kernels.forward,
    { q, k, v, first, o, lse },
    { rows, heads, kv_heads: kvHeads, scale: headDim ** -0.5 },
    [Math.ceil(rows / kernels.rows), heads, 1],
  );
}

/**
 * Gradients of `attention` in three launches without atomics: the row terms,
 * dk and dv, dq. Overwrites all three gradients.
 *
 * @param dO f32 [N, H·D], gradient of o
 * @param o f32 [N, H·D], from the forward
 * @param lse f32 [N, H], from the forward
 * @param first u32 [N], first row of the row's example; never decreases
 * @param last u32 [N], last row of the row's example; never decreases
 * @param terms f32 [N, H, 2], scratch (two numbers a row and head: lse and rowsum(dO ∘ o))
 * @param dq f32 [N, H·D]
 * @param dk f32 [N, K·D]
 * @param dv f32 [N, K·D]
 */
export function attentionBackward({
  label,
  dO,
  o,
  q,
  k,
  v,
  lse,
  first,
  last,
  terms,
  dq,
  dk,
  dv,
  ...shape
}: AttentionShape & {
  readonly label: string;
  readonly dO: BufferView;
  readonly o: BufferView;
  readonly q: BufferView;
  readonly k: BufferView;
  readonly v: BufferView;
  readonly lse: BufferView;
  readonly first: BufferView;
  readonly last: BufferView;
  readonly terms: BufferView;
  readonly dq: BufferView;
  readonly dk: BufferView;
  readonly dv: BufferView;
}): Dispatch[] {
  const { rows, heads, kvHeads, headDim } = shape;
  const kernels = blockKernels(shape);
  const blocks = Math.ceil(rows / kernels.rows);
  const params = { rows, heads, kv_heads: kvHeads, scale: headDim ** -0.5 };
  const count = rows * heads;
  return [
    dispatch(
      `${label} / row terms`,
      rowTerms(headDim),
      { dO, o, lse, terms },
      { count, head_dim: headDim },
      foldGrid(Math.ceil(count / 64)),
    ),
    dispatch(`${label} / dk dv`, kernels.keyValue, { q, k, v, dO, terms, last, dk, dv }, params, [
      blocks,
      kvHeads,
      1,
    ]),
    dispatch(`${label} / dq`, kernels.query, { q, k, v, dO, terms, first, dq }, params, [blocks, heads, 1]),
  ];
}
