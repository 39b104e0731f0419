import type { LlamaConfig } from '../model/llamaConfig';
import type { JsonObject } from './jsonFile';

/** A LLaMA config in Hugging Face's spelling (that of transformers 5); readLlamaConfig gives it back. */
export function writeLlamaConfig(config: LlamaConfig): JsonObject {
  return {
    architectures: ['LlamaForCausalLM'],
    model_type: 'llama',
    vocab_size: config.vocabSize,
    hidden_size: config.hiddenSize,
    intermediate_size: config.intermediateSize,
    num_hidden_layers: config.layers,
    num_attention_heads: config.heads,
    num_key_value_heads: config.kvHeads,
    head_dim: config.headDim,
    hidden_act: 'silu',
    rms_norm_eps: config.rmsNormEps,
    attention_bias: config.attentionBias,
    mlp_bias: config.mlpBias,
    tie_word_embeddings: config.tieWordEmbeddings,
    max_position_embeddings: config.maxPositions,
    rope_parameters: ropeParameters(config),
    bos_token_id: config.bosTokenId ?? null,
    eos_token_id: config.eosTokenIds,
  };
}

function ropeParameters({ rope }: LlamaConfig): JsonObject {
  if (rope.type === 'default') return { rope_type: rope.type, rope_theta: rope.theta };
  return {
    rope_type: rope.type,
    rope_theta: rope.theta,
    factor: rope.factor,
    low_freq_factor: rope.lowFreqFactor,
    high_freq_factor: rope.highFreqFactor,
    original_max_position_embeddings: rope.originalMaxPositions,
  };
}
