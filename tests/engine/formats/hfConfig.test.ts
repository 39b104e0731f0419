import { describe, expect, test } from 'vitest';
import { UserError } from '../../../src/config/errors';
import { readLlamaConfig } from '../../../src/engine/formats/hfConfig';

const BASE = { architectures: ['LlamaForCausalLM'], model_type: 'llama' };
const read = (extra: object) => readLlamaConfig('config.json', { ...BASE, ...extra });

test('missing keys take the defaults of transformers', () => {
  expect(read({})).toEqual({
    vocabSize: 32000,
    hiddenSize: 4096,
    intermediateSize: 11008,
    layers: 32,
    heads: 32,
    kvHeads: 32,
    headDim: 128,
    rmsNormEps: 1e-6,
    attentionBias: false,
    mlpBias: false,
    tieWordEmbeddings: false,
    maxPositions: 2048,
    rope: { type: 'default', theta: 10000 },
    bosTokenId: undefined,
    eosTokenIds: [],
  });
});

test('given values are taken, a head width of its own and a list of end tokens included', () => {
  const config = read({
    hidden_size: 64,
    intermediate_size: 96,
    num_hidden_layers: 3,
    num_attention_heads: 4,
    num_key_value_heads: 2,
    head_dim: 32,
    vocab_size: 100,
    rms_norm_eps: 1e-5,
    attention_bias: true,
    mlp_bias: true,
    tie_word_embeddings: true,
    max_position_embeddings: 64,
    bos_token_id: 7,
    eos_token_id: [8, 9],
    hidden_act: 'silu',
    dtype: 'bfloat16',
    rope_interleaved: false,
    pretraining_tp: 1,
  });
  expect(config).toMatchObject({ headDim: 32, heads: 4, kvHeads: 2, attentionBias: true, mlpBias: true });
  expect(config).toMatchObject({ tieWordEmbeddings: true, bosTokenId: 7, eosTokenIds: [8, 9] });
});

describe('RoPE settings', () => {
  const llama3 = { factor: 8, low_freq_factor: 1, high_freq_factor: 4 };
  const scaled = { type: 'llama3', factor: 8, lowFreqFactor: 1, highFreqFactor: 4 };
  test.each([
    ['the old key at the top', { rope_theta: 5e5 }, { type: 'default', theta: 5e5 }],
    ['rope_scaling null', { rope_scaling: null, rope_theta: 5e5 }, { type: 'default', theta: 5e5 }],
    ['an empty rope_scaling', { rope_scaling: {}, rope_parameters: { rope_theta: 3 } }, { theta: 3 }],
    ['rope_parameters', { rope_parameters: { rope_type: 'default', rope_theta: 2 } }, { theta: 2 }],
    [
      'theta inside before theta at the top',
      { rope_theta: 1, rope_parameters: { rope_type: 'default', rope_theta: 2 } },
      { theta: 2 },
    ],
    [
      'the alias "type", theta at the top',
      { rope_theta: 5e5, rope_scaling: { type: 'llama3', ...llama3, original_max_position_embeddings: 99 } },
      { ...scaled, theta: 5e5, originalMaxPositions: 99 },
    ],
    [
      'llama3 without the original length',
      { max_position_embeddings: 4096, rope_parameters: { rope_type: 'llama3', rope_theta: 2, ...llama3 } },
      { ...scaled, theta: 2, originalMaxPositions: 4096 },
    ],
  ])('are understood: %s', (_, extra, rope) => {
    expect(read(extra).rope).toMatchObject(rope);
  });
});

describe('a config.json is refused, with file, key and value named:', () => {
  const llama3 = { rope_type: 'llama3', factor: 8, low_freq_factor: 4, high_freq_factor: 4 };
  test.each<[object, string]>([
    [{ architectures: ['GPT2LMHeadModel'] }, 'config.json, architectures: "GPT2LMHeadModel"'],
    [{ architectures: ['LlamaForSequenceClassification'] }, 'config.json, architectures'],
    [{ model_type: 'mistral' }, 'config.json, model_type: "mistral"'],
    [{ architectures: undefined, model_type: undefined }, 'config.json, model_type'],
    [{ hidden_act: 'gelu' }, 'config.json, hidden_act: "gelu"'],
    [{ quantization_config: { bits: 4 } }, 'config.json, quantization_config'],
    [{ rope_scaling: { type: 'linear', factor: 2 } }, 'config.json, rope_scaling: the RoPE type "linear"'],
    [{ rope_parameters: { rope_type: 'yarn' } }, 'config.json, rope_parameters: the RoPE type "yarn"'],
    [{ rope_scaling: 2 }, 'config.json, rope_scaling: 2 is not an object'],
    [{ rope_scaling: llama3 }, 'high_freq_factor: 4 is not above low_freq_factor 4'],
    [{ rope_scaling: { rope_type: 'llama3' } }, 'low_freq_factor: the key is missing'],
    [{ rope_theta: -1 }, 'config.json, rope_theta: -1'],
    [{ partial_rotary_factor: 0.5 }, 'config.json, partial_rotary_factor: 0.5'],
    [{ hidden_size: 0 }, 'config.json, hidden_size: 0'],
    [{ hidden_size: '64' }, 'config.json, hidden_size: "64"'],
    [{ num_hidden_layers: 2.5 }, 'config.json, num_hidden_layers: 2.5'],
    [{ hidden_size: 100 }, 'config.json, hidden_size: 100 is not a multiple'],
    [{ num_key_value_heads: 5 }, 'config.json, num_key_value_heads: 5 does not divide'],
    [{ head_dim: 7 }, 'config.json, head_dim'],
    [{ attention_bias: 'yes' }, 'config.json, attention_bias: "yes"'],
    [{ rms_norm_eps: 0 }, 'config.json, rms_norm_eps: 0'],
    [{ eos_token_id: [2, 'x'] }, 'config.json, eos_token_id: "x"'],
  ])('%j', (extra, sentence) => {
    expect(() => read(extra)).toThrow(UserError);
    expect(() => read(extra)).toThrow(sentence);
  });
});
