import { defaultRunConfig } from '../../src/config/defaults';
import { modulePath, type ModuleName } from '../../src/config/modules';
import type { RunConfig } from '../../src/config/runConfig';
import type { Checkpoint, LlamaConfig } from '../../src/engine';
import { adapterLayout } from '../../src/engine/adapters/layout';
import { microBatch, type MicroBatch } from '../../src/engine/data/batch';
import {
  ADAMW,
  BLOCK_SHAPES,
  HEAD_DIM,
  HEADS,
  HIDDEN,
  LAYERS,
  LINEAR_NAMES,
  NORM_EPSILON,
  RANK,
  ROPE_THETA,
  ROWS,
  SCALE,
  transpose,
  VOCABULARY,
  WIDTH,
  type Floats,
  type LinearName,
  type Llama,
} from './workloads';

/** W2 as our engine takes it: a checkpoint, a run, an adapter's values and a batch. */
export const LLAMA_CONFIG: LlamaConfig = {
  vocabSize: VOCABULARY,
  hiddenSize: WIDTH,
  intermediateSize: HIDDEN,
  layers: LAYERS,
  heads: HEADS,
  kvHeads: HEADS,
  headDim: HEAD_DIM,
  rmsNormEps: NORM_EPSILON,
  attentionBias: false,
  mlpBias: false,
  tieWordEmbeddings: false,
  maxPositions: ROWS,
  rope: { type: 'default', theta: ROPE_THETA },
  bosTokenId: undefined,
  eosTokenIds: [],
};

/** LoRA on all seven linears, one row of 256 tokens a step, AdamW at a constant rate without clipping. */
export const LLAMA_RUN: RunConfig = {
  ...defaultRunConfig(LAYERS),
  method: 'lora',
  r: RANK,
  lora_alpha: SCALE * RANK,
  lora_dropout: 0,
  learning_rate: ADAMW.rate,
  lr_scheduler_type: 'constant',
  warmup_steps: 0,
  max_steps: 1_000_000,
  max_length: ROWS,
  per_device_train_batch_size: 1,
  gradient_accumulation_steps: 1,
  weight_decay: ADAMW.decay,
  max_grad_norm: 0,
};

/** The frozen weights by their Hugging Face names, linears as [out, in]. */
export function llamaWeights(llama: Llama): Map<string, { values: Floats; shape: readonly number[] }> {
  const ones = { values: new Float32Array(WIDTH).fill(1), shape: [WIDTH] };
  const weights = new Map([
    ['model.embed_tokens.weight', { values: llama.embedding, shape: [VOCABULARY, WIDTH] }],
    ['model.norm.weight', ones],
    ['lm_head.weight', { values: transpose(llama.head, WIDTH, VOCABULARY), shape: [VOCABULARY, WIDTH] }],
  ]);
  llama.layers.forEach((layer, index) => {
    const path = `model.layers.${index}`;
    weights.set(`${path}.input_layernorm.weight`, ones);
    weights.set(`${path}.post_attention_layernorm.weight`, ones);
    for (const name of LINEAR_NAMES) {
      const [inner, outer] = BLOCK_SHAPES[name];
      const values = transpose(layer[name].weight, inner, outer);
      weights.set(`${path}.${modulePath(moduleOf(name))}.weight`, { values, shape: [outer, inner] });
    }
  });
  return weights;
}

/** The same as a checkpoint in memory. */
export function llamaCheckpoint(llama: Llama): Checkpoint {
  const tensors = [...llamaWeights(llama)].map(([name, { values, shape }]) => {
    const bytes = new Uint8Array(values.buffer);
    const read = (begin: number, end: number) => Promise.resolve(bytes.slice(begin, end));
    return [name, { name, dtype: 'F32', shape, read }] as const;
  });
  return { name: 'W2', config: LLAMA_CONFIG, tensors: new Map(tensors), tokenizer: undefined };
}

/** The pairs as the engine's flat buffer: A [R, in], B [out, R]. */
export function llamaAdapter(llama: Llama): Floats {
  const layout = adapterLayout(LLAMA_RUN, LLAMA_CONFIG);
  const values = new Float32Array(layout.size);
  llama.layers.forEach((layer, index) => {
    for (const name of LINEAR_NAMES) {
      const [inner, outer] = BLOCK_SHAPES[name];
      const { a, b } = layer[name];
      const place = (role: 'A' | 'B') => layout.find(role, moduleOf(name), index).offset;
      values.set(transpose(a, inner, RANK), place('A'));
      values.set(transpose(b, RANK, outer), place('B'));
    }
  });
  return values;
}

/** One example of 257 tokens, every one but the first a target. */
export function llamaBatch({ tokens }: Llama): MicroBatch {
  return microBatch([[{ ids: tokens, train: new Uint8Array(ROWS + 1).fill(1), task: undefined }]], 1, ROWS);
}

function moduleOf(name: LinearName): ModuleName {
  return `${name}_proj`;
}
