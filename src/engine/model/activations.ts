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

/** Elements of one row of an activation. */
function rowWidths(config: LlamaConfig): Readonly<Record<LayerActivation, number>> {
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
  };
}

/** Where a pass keeps its activations: one set a layer when a backward pass will need them, else one set in all. */
export interface Activations {
  readonly rows: number;
  readonly buffers: readonly BufferSpec[];
  layer(layer: number, name: LayerActivation): BufferView;
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
 * @param keep true for training: every layer keeps its own
 */
export function planActivations(config: LlamaConfig, rows: number, keep: boolean): Activations {
  const widths = Object.entries(rowWidths(config)) as [LayerActivation, number][];
  const name = (layer: number, activation: LayerActivation) =>
    keep ? `layer ${layer} / ${activation}` : `layer / ${activation}`;
  const buffers: BufferSpec[] = [];
  const sets = keep ? config.layers : 1;
  for (let layer = 0; layer < sets; layer++) {
    for (const [activation, width] of widths) {
      buffers.push({ name: name(layer, activation), bytes: rows * width * 4, part: 'activations' });
    }
  }
  // The residual stream that leaves the last layer. Without a backward pass it may overwrite the one that entered.
  if (keep) {
    buffers.push({
      name: name(config.layers, 'x'),
      bytes: rows * config.hiddenSize * 4,
      part: 'activations',
    });
  }
  return {
    rows,
    buffers,
    layer: (layer, activation) => ({ buffer: name(layer, activation) }),
  };
}
