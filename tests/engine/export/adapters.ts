import type { Adapter, AdapterConfig } from '../../../src/engine/adapters/adapter';
import { adapterLayout } from '../../../src/engine/adapters/layout';
import { readLlamaConfig } from '../../../src/engine/formats/hfConfig';

/** Five layers, so that groups of two leave one layer over; head width not hidden / heads. */
export const MODEL = readLlamaConfig('config.json', {
  model_type: 'llama',
  hidden_size: 8,
  intermediate_size: 12,
  num_hidden_layers: 5,
  num_attention_heads: 2,
  num_key_value_heads: 1,
  head_dim: 6,
  vocab_size: 20,
  eos_token_id: [2, 3],
  rope_parameters: {
    rope_type: 'llama3',
    rope_theta: 5e5,
    factor: 8,
    low_freq_factor: 1,
    high_freq_factor: 4,
    original_max_position_embeddings: 64,
  },
});

export const BASE = { name: 'tiny-llama', fingerprint: 'f'.repeat(32), config: MODEL };

/** An adapter full of numbers that are all different and need every bit of an f32. */
export function makeAdapter(change: Partial<AdapterConfig> = {}): Adapter {
  const config: AdapterConfig = {
    method: 'masa',
    num_experts: 3,
    group_size: 2,
    expert_mix: 'sum',
    top_k: 0,
    router_aux_loss_coef: 0,
    r: 2,
    lora_alpha: 5,
    lora_dropout: 0.25,
    dropout_mode: 'per_expert',
    target_modules: ['q_proj', 'o_proj', 'down_proj'],
    ...change,
  };
  const { size } = adapterLayout(config, MODEL);
  const values = Float32Array.from({ length: size }, (_, i) => Math.sin(i + 1) * 10 ** ((i % 5) - 2));
  return { config, values, base: BASE, metadata: { steps: '12', note: 'ü | "x"' } };
}
