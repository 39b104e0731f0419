import type { RunConfig } from '../../config/runConfig';
import type { LlamaConfig } from '../model/llamaConfig';

/** The settings that an adapter's shape and meaning depend on. */
export type AdapterConfig = Pick<
  RunConfig,
  | 'method'
  | 'num_experts'
  | 'group_size'
  | 'expert_mix'
  | 'top_k'
  | 'router_aux_loss_coef'
  | 'r'
  | 'lora_alpha'
  | 'lora_dropout'
  | 'dropout_mode'
  | 'target_modules'
>;

/** Which base model an adapter belongs to. */
export interface AdapterBase {
  readonly name: string;
  /** See model/fingerprint.ts; undefined for adapters from elsewhere, which do not say. */
  readonly fingerprint: string | undefined;
  readonly config: LlamaConfig;
}

/** A trained adapter in memory. */
export interface Adapter {
  readonly config: AdapterConfig;
  /** f32 [P], by adapterLayout(config, base.config). */
  readonly values: Float32Array<ArrayBuffer>;
  readonly base: AdapterBase;
  /** Where it comes from: free text by key (steps, data set, seed, date). */
  readonly metadata: Readonly<Record<string, string>>;
}

/** The adapter's part of a run's settings. */
export function adapterConfig(run: AdapterConfig): AdapterConfig {
  return {
    method: run.method,
    num_experts: run.num_experts,
    group_size: run.group_size,
    expert_mix: run.expert_mix,
    top_k: run.top_k,
    router_aux_loss_coef: run.router_aux_loss_coef,
    r: run.r,
    lora_alpha: run.lora_alpha,
    lora_dropout: run.lora_dropout,
    dropout_mode: run.dropout_mode,
    target_modules: run.target_modules,
  };
}
