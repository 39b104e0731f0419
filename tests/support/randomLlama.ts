import { runPython } from './python';

/** Fields of a transformers LlamaConfig. */
export type HfConfig = Readonly<Record<string, unknown>>;

/** A randomly initialised checkpoint to be written by transformers; see tests/python/makeRandomLlama.py. */
export interface RandomLlama {
  readonly name: string;
  readonly config: HfConfig;
  readonly seed: number;
  readonly dtype?: 'float32' | 'float16' | 'bfloat16';
  readonly max_shard_size?: string;
  readonly old_config?: boolean;
}

const rope = { rope_type: 'default', rope_theta: 10000 };
const llama3 = {
  rope_type: 'llama3',
  rope_theta: 10000,
  factor: 8,
  low_freq_factor: 1,
  high_freq_factor: 4,
  original_max_position_embeddings: 64,
};

/** Grouped-query attention with head_dim ≠ hidden / heads. */
const grouped = {
  vocab_size: 101,
  hidden_size: 40,
  intermediate_size: 72,
  num_hidden_layers: 3,
  num_attention_heads: 4,
  num_key_value_heads: 2,
  head_dim: 14,
  rope_parameters: rope,
};

/** Every option of a LLaMA checkpoint that changes how it is read or computed, at least once. */
export const RANDOM_LLAMAS: readonly RandomLlama[] = [
  { name: 'grouped-query attention, untied', config: grouped, seed: 1 },
  { name: 'tied head', config: { ...grouped, tie_word_embeddings: true }, seed: 2 },
  { name: 'biases', config: { ...grouped, attention_bias: true, mlp_bias: true }, seed: 3 },
  { name: 'attention biases alone', config: { ...grouped, attention_bias: true }, seed: 4 },
  { name: 'llama3 RoPE', config: { ...grouped, rope_parameters: llama3 }, seed: 5 },
  {
    name: 'llama3 RoPE in the old spelling',
    config: { ...grouped, rope_parameters: llama3 },
    seed: 6,
    old_config: true,
  },
  {
    name: 'multi-head attention in the old spelling, theta 500000',
    config: {
      ...grouped,
      num_key_value_heads: 4,
      head_dim: 10,
      rope_parameters: { ...rope, rope_theta: 500000 },
    },
    seed: 7,
    old_config: true,
  },
  { name: 'one key/value head', config: { ...grouped, num_key_value_heads: 1, rms_norm_eps: 1e-3 }, seed: 8 },
  { name: 'shards', config: grouped, seed: 9, max_shard_size: '40KB' },
  { name: 'bf16', config: grouped, seed: 10, dtype: 'bfloat16' },
  {
    name: 'f16, tied, in shards',
    config: { ...grouped, tie_word_embeddings: true },
    seed: 11,
    dtype: 'float16',
    max_shard_size: '20KB',
  },
];

/** Writes them all as Hugging Face folders, in one run of Python. */
export function writeRandomLlamas(llamas: readonly (RandomLlama & { readonly folder: string })[]): void {
  const specs = llamas.map(({ folder, config, seed, dtype, max_shard_size, old_config }) => ({
    folder,
    config,
    seed,
    dtype,
    max_shard_size,
    old_config,
  }));
  runPython('tests/python/makeRandomLlama.py', [JSON.stringify(specs)]);
}
