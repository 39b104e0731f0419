import source from '../../../shaders/attentionCached.wgsl?raw';
import { dispatch, type BufferView, type Dispatch } from '../gpu/dispatch';
import type { Kernel } from '../gpu/shader';
import { requireHeadDim, type AttentionShape } from './attention';
import { bothCells, cellKernel } from './kernels';

const kernel = (headDim: number, heads: number, subgroupSize: number | undefined) =>
  cellKernel({
    name: 'attentionCached',
    source,
    width: headDim,
    reduce: { threads: 64, subgroupSize },
    constants: { HEADS: heads },
    counts: { g: heads },
  });

/**
 * Query heads that a workgroup takes together: two where they share their keys. Software adapters compile four, and two
 * of odd widths, for many seconds.
 */
function headsTogether({ heads, kvHeads, headDim }: AttentionShape): number {
  return headDim % 4 === 0 && (heads / kvHeads) % 2 === 0 ? 2 : 1;
}

/** Every variant for devices with subgroups of one width, or without. */
export function attentionCachedKernels(subgroupSize: number | undefined): Kernel[] {
  return [kernel(4, 2, subgroupSize), ...bothCells((headDim) => kernel(headDim, 1, subgroupSize))];
}

/**
 * Attention of rows of any sequences over a cache that holds the keys and values of all of them: row n sees the rows
 * first[n] .. own[n] of it; query head h reads key/value head floor(h / (H/K)); scores are scaled by D^-0.5. To the bit
 * the same wherever a sequence lies and whatever rows stand beside.
 *
 * @param q f32 [N, H·D]
 * @param k f32 [keyRows, K·D]
 * @param v f32 [keyRows, K·D]
 * @param first u32 [N], rows of k
 * @param own u32 [N], rows of k, or at least keyRows for a row that belongs to no sequence and gives zeros
 * @param o f32 [N, H·D], overwritten
 */
export function attentionCached({
  label,
  q,
  k,
  v,
  first,
  own,
  o,
  keyRows,
  ...shape
}: AttentionShape & {
  readonly label: string;
  readonly q: BufferView;
  readonly k: BufferView;
  readonly v: BufferView;
  readonly first: BufferView;
  readonly own: BufferView;
  readonly o: BufferView;
  readonly keyRows: number;
}): Dispatch {
  const { rows, heads, kvHeads, headDim, subgroupSize } = shape;
  requireHeadDim(headDim);
  const together = headsTogether(shape);
  return dispatch(
    label,
    kernel(headDim, together, subgroupSize),
    { q, k, v, first, own, o },
    { key_rows: keyRows, heads, kv_heads: kvHeads, head_dim: headDim, scale: headDim ** -0.5 },
    [rows, heads / together, 1],
  );
}
