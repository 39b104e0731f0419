import { MODULES, modulePath, type ModuleName } from '../../config/modules';
import type { BufferSpec } from '../gpu/dispatch';
import { WEIGHT_BYTES, type Weight, type WeightDtype } from '../ops/weight';
import type { Checkpoint } from './checkpoint';
import type { LlamaConfig } from './llamaConfig';

export interface LinearWeights {
  readonly weight: Weight;
  readonly bias: Weight | undefined;
}

export interface LayerWeights {
  readonly inputNorm: Weight;
  readonly postNorm: Weight;
  readonly linears: Readonly<Record<ModuleName, LinearWeights>>;
}

/** Every frozen weight of a model, by the name of the buffer that holds it. */
export interface ModelWeights {
  readonly embedding: Weight;
  readonly layers: readonly LayerWeights[];
  readonly norm: Weight;
  /** The embedding itself where the model ties them. */
  readonly head: Weight;
  readonly buffers: readonly BufferSpec[];
  /** Number of weights, a tied head counted once. */
  readonly count: number;
}

/** What is known of a tensor before it is read. */
export type TensorInfo = Pick<Weight, 'dtype' | 'shape'>;

/**
 * Lays out a model's weights from the names, precisions and shapes of its tensors; reads nothing.
 * Buffer names are the tensors' Hugging Face names.
 */
export function modelWeights(config: LlamaConfig, tensors: ReadonlyMap<string, TensorInfo>): ModelWeights {
  const buffers: BufferSpec[] = [];
  let count = 0;
  const optional = (name: string): Weight | undefined => {
    const tensor = tensors.get(name);
    if (tensor === undefined) return undefined;
    buffers.push({ name, bytes: storedBytes(tensor), part: 'weights' });
    count += elements(tensor.shape);
    return { buffer: name, dtype: tensor.dtype, shape: tensor.shape };
  };
  const required = (name: string): Weight => {
    const weight = optional(name);
    if (weight === undefined) throw new Error(`the checkpoint has no tensor ${name}`);
    return weight;
  };
  const embedding = required('model.embed_tokens.weight');
  const layers = Array.from({ length: config.layers }, (_, layer): LayerWeights => {
    const path = `model.layers.${layer}`;
    const linear = (module: ModuleName): LinearWeights => ({
      weight: required(`${path}.${modulePath(module)}.weight`),
      bias: optional(`${path}.${modulePath(module)}.bias`),
    });
    return {
      inputNorm: required(`${path}.input_layernorm.weight`),
      postNorm: required(`${path}.post_attention_layernorm.weight`),
      linears: Object.fromEntries(MODULES.map((module) => [module, linear(module)])) as Record<
        ModuleName,
        LinearWeights
      >,
    };
  });
  const norm = required('model.norm.weight');
  const head = config.tieWordEmbeddings ? embedding : required('lm_head.weight');
  return { embedding, layers, norm, head, buffers, count };
}

/** The same layout straight from a checkpoint. */
export function weightInfo(checkpoint: Checkpoint): ModelWeights {
  return modelWeights(checkpoint.config, checkpoint.tensors);
}

/** Bytes of a tensor's buffer: its data, padded to whole words. */
export function storedBytes(tensor: {
  readonly dtype: WeightDtype;
  readonly shape: readonly number[];
}): number {
  return Math.ceil((elements(tensor.shape) * WEIGHT_BYTES[tensor.dtype]) / 4) * 4;
}

function elements(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}
