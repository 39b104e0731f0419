import type { BufferSpec, BufferView } from '../gpu/dispatch';
import type { LlamaConfig } from './llamaConfig';

/** Names of the activations of one layer. */
export type LayerActivation =
  | 'x' // [N, C] residual stream that enters the layer
  | 'h1' // [N, C] after the first norm: input of q, k, v
  | 'rstd1' // [N]
  | 'q' // [N, H·D], rotated
  | 'k' // [N, K·D], rotated
  | 'v' // [N, K·D]
  | 'o' // [N, H·D] attention's output: input of o_proj
  | 'lse' // [N, H] log-sum-exp of the attention's scores
  | 'mid' // [N, C] residual stream between attention and MLP
  | 'h2' // [N, C] after the second norm: input of gate and up
  | 'rstd2' // [N]
  | 'gate' // [N, F], overwritten by its gradient
  | 'up' // [N, F], overwritten by its gradient
  | 'act'; // [N, F] silu(gate)·up: input of down

/** Gradients of a layer's backward pass, besides those of gate and up, which are computed in place. */
export type LayerGradient =
  | 'dact' // [N, F]
  | 'dh2' // [N, C]
  | 'do' // [N, H·D]
  | 'dq' // [N, H·D]
  | 'dk' // [N, K·D]
  | 'dv' // [N, K·D]
  | 'dh1'; // [N, C]

/**
 * Where each of them is put: over an activation of the layer that has been read for the last time by then, in the
 * order in which model/backward.ts computes them.
 */
const PLACE: Readonly<Record<LayerGradient, LayerActivation>> = {
  dact: 'act',
  dh2: 'h2',
  do: 'act',
  dq: 'gate',
  dk: 'up',
  dv: 'h2',
  dh1: 'h1',
};

/** Elements of one row of an activation or a gradient. */
export function rowWidths(config: LlamaConfig): Readonly<Record<LayerActivation | LayerGradient, number>> {
  const { hiddenSize: C, intermediateSize: F, heads: H, kvHeads: K, headDim: D } = config;
  return {
    x: C,
    h1: C,
    rstd1: 1,
    q: H * D,
    k: K * D,
    v: K * D,
    o: H * D,
    lse: H,
    mid: C,
    h2: C,
    rstd2: 1,
    gate: F,
    up: F,
    act: F,
    dact: F,
    dh2: C,
    do: H * D,
    dq: H * D,
    dk: K * D,
    dv: K * D,
    dh1: C,
  };
}

/** Where a pass keeps its activations. */
export interface Activations {
  readonly rows: number;
  readonly buffers: readonly BufferSpec[];
  /** All layers share one set but for x, so that the backward pass must compute each layer's again. */
  readonly recomputed: boolean;
  layer(layer: number, name: LayerActivation | LayerGradient): BufferView;
}

/** Rows of logits that exist at once, a multiple of 64 so that any chunk starts where a binding may start. */
export function headChunk(rows: number, vocabSize: number, maxBinding: number): number {
  const budget = Math.min(maxBinding, 64 * 2 ** 20);
  const whole = Math.floor(budget / (vocabSize * 4) / 64) * 64;
  return Math.min(Math.max(64, whole), rows);
}

/**
 * Plans the activations of a pass over N rows.
 *
 * @param keep true for training: every layer keeps its own, else all layers share one set
 * @param recompute with `keep`: every layer keeps its input x only, and all share the rest
 */
export function planActivations(
  config: LlamaConfig,
  rows: number,
  keep: boolean,
  recompute = false,
): Activations {
  const widths = rowWidths(config);
  // An activation's buffer also takes the gradients that are put over it.
  const bytes = new Map<LayerActivation, number>();
  for (const [name, width] of Object.entries(widths) as [LayerActivation | LayerGradient, number][]) {
    const place = name in PLACE ? PLACE[name as LayerGradient] : (name as LayerActivation);
    bytes.set(place, Math.max(bytes.get(place) ?? 0, rows * width * 4));
  }
  const owned = (name: LayerActivation) => keep && (name === 'x' || !recompute);
  const bufferName = (layer: number, name: LayerActivation) =>
    owned(name) ? `layer ${layer} / ${name}` : `layer / ${name}`;
  const buffers = [...bytes].flatMap(([name, size]) => {
    // One x more than layers: the residual stream that leaves the last one. Without a backward pass it may
    // overwrite the one that entered.
    const count = owned(name) ? config.layers + (name === 'x' ? 1 : 0) : 1;
    return Array.from({ length: count }, (_, layer): BufferSpec => ({
      name: bufferName(layer, name),
      bytes: size,
      part: 'activations',
    }));
  });
  return {
    rows,
    buffers,
    recomputed: keep && recompute,
    layer: (layer, name) => ({
      buffer: bufferName(layer, name in PLACE ? PLACE[name as LayerGradient] : (name as LayerActivation)),
    }),
  };
}
