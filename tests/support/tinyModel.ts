import { MODULES, modulePath } from '../../src/config/modules';
import { adapterLayout, type AdapterShapeConfig } from '../../src/engine/adapters/layout';
import { linearShape } from '../../src/engine/model/tensorShapes';
import type { LlamaConfig } from '../../src/engine/model/llamaConfig';
import type { MicroBatch, ReferenceModel } from '../reference/llama';
import { packedRows } from './packing';
import { randomIntegers, randomValues } from './random';

/** A model with every option that changes the maths: GQA, D ≠ C/H, biases, untied head. */
export const tinyConfig: LlamaConfig = {
  vocabSize: 13,
  hiddenSize: 8,
  intermediateSize: 10,
  layers: 3,
  heads: 2,
  kvHeads: 1,
  headDim: 6,
  rmsNormEps: 1e-5,
  attentionBias: true,
  mlpBias: true,
  tieWordEmbeddings: false,
  maxPositions: 64,
  rope: { type: 'default', theta: 10000 },
  bosTokenId: undefined,
  eosTokenIds: [],
};

/** Reproducible random weights of `config`, by Hugging Face name. */
export function randomWeights(config: LlamaConfig, seed: number): Map<string, Float64Array> {
  const { hiddenSize: C, vocabSize: V } = config;
  const weights = new Map<string, Float64Array>();
  const add = (name: string, size: number, scale: number, offset = 0) => {
    weights.set(
      name,
      randomValues(size, seed + weights.size, scale).map((value) => value + offset),
    );
  };
  add('model.embed_tokens.weight', V * C, 1);
  for (let layer = 0; layer < config.layers; layer++) {
    const prefix = `model.layers.${layer}`;
    add(`${prefix}.input_layernorm.weight`, C, 0.3, 1);
    add(`${prefix}.post_attention_layernorm.weight`, C, 0.3, 1);
    for (const module of MODULES) {
      const [outWidth, inWidth] = linearShape(config, module);
      const path = modulePath(module);
      add(`${prefix}.${path}.weight`, inWidth * outWidth, 1.5 / Math.sqrt(inWidth));
      const bias = path.startsWith('mlp.') ? config.mlpBias : config.attentionBias;
      if (bias) add(`${prefix}.${path}.bias`, outWidth, 0.3);
    }
  }
  add('model.norm.weight', C, 0.3, 1);
  if (!config.tieWordEmbeddings) add('lm_head.weight', V * C, 1);
  return weights;
}

/** A model with a random adapter whose B is not zero, so that every gradient is alive. */
export function randomModel(
  config: LlamaConfig,
  shape: AdapterShapeConfig,
  seed: number,
): ReferenceModel & { adapter: NonNullable<ReferenceModel['adapter']> } {
  const values = randomValues(adapterLayout(shape, config).size, seed + 1000, 0.4);
  return { config, weights: randomWeights(config, seed), adapter: { shape, loraAlpha: 2 * shape.r, values } };
}

/** Packed sequences of the given lengths with random tokens; the last row of each and every fifth is ignored. */
export function packedBatch(lengths: readonly number[], vocabSize: number, seed: number): MicroBatch {
  const rows = packedRows(lengths);
  const tokens = Array.from(randomIntegers(rows.positions.length, vocabSize, seed));
  const targets = tokens.map((_, n) => (n === rows.last[n] || n % 5 === 4 ? -100 : tokens[n + 1]!));
  return { tokens, targets, ...rows };
}
