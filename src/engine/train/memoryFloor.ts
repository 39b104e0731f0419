import type { RunConfig } from '../../config/runConfig';
import { adapterLayout } from '../adapters/layout';
import { rowWidths, type LayerActivation, type LayerGradient } from '../model/activations';
import type { LlamaConfig } from '../model/llamaConfig';
import type { ModelWeights } from '../model/weights';

/** Bytes without which a training step cannot be done, however its buffers are laid out. */
export interface MemoryFloor {
  /** The frozen weights in their file's precision. */
  readonly weights: number;
  /** Values, gradient and AdamW's two moments of every trainable weight. */
  readonly adapters: number;
  /** The residual stream that enters each layer, for all rows of a micro-batch. */
  readonly layerInputs: number;
  /** The largest set of one layer's tensors that must exist at the same time. */
  readonly liveSet: number;
  readonly total: number;
}

type Tensor = LayerActivation | LayerGradient;

/** What the forward pass of a layer leaves for its attention's backward pass. */
const ATTENTION: readonly Tensor[] = ['h1', 'rstd1', 'q', 'k', 'v', 'o', 'lse'];
/** The same for its MLP's; dgate and dup, dact and dh2 come in the places of gate and up, act and h2. */
const MLP: readonly Tensor[] = ['mid', 'h2', 'rstd2', 'gate', 'up', 'act'];
/** What the attention's backward pass makes while all of ATTENTION is still read. */
const ATTENTION_GRADIENTS: readonly Tensor[] = ['do', 'dq', 'dk', 'dv'];

/**
 * The least that a run with gradient checkpointing can take, to hold a plan against. The live set is the larger of
 * two: when the layer has been computed again and its backward pass begins, all of its activations (x is among the
 * layer inputs), every u and the gradient of the residual stream; in the attention's backward pass the attention's
 * part of these and the gradients of o, q, k and v. Logits, inputs, tables and scratch do not count.
 */
export function memoryFloor(config: LlamaConfig, weights: ModelWeights, run: RunConfig): MemoryFloor {
  const layout = adapterLayout(run, config);
  const rows = run.per_device_train_batch_size * run.max_length;
  const widths = rowWidths(config);
  const bytes = (tensors: readonly Tensor[], more: number) =>
    rows * 4 * tensors.reduce((sum, name) => sum + widths[name], more);
  const always = config.hiddenSize + layout.targets.length * run.r;
  const floor = {
    weights: weights.buffers.reduce((sum, buffer) => sum + buffer.bytes, 0),
    adapters: 4 * layout.size * 4,
    layerInputs: config.layers * bytes(['x'], 0),
    liveSet: Math.max(
      bytes([...ATTENTION, ...MLP], always),
      bytes([...ATTENTION, ...ATTENTION_GRADIENTS], always),
    ),
  };
  return { ...floor, total: floor.weights + floor.adapters + floor.layerInputs + floor.liveSet };
}
