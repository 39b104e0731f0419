import type { ModuleName } from './modules';

export type MethodId = 'lora' | 'masa' | 'hydralora' | 'lora_moe';

/**
 * Everything that makes one training run. Names are the field's own (PEFT, TRL); `num_experts` is E and
 * `group_size` is S. Defaults, ranges and hints live in knobs.ts, and only there.
 */
export interface RunConfig {
  readonly method: MethodId;
  readonly num_experts: number;
  readonly group_size: number;
  readonly expert_mix: 'sum' | 'mean' | 'router';
  readonly top_k: number;
  readonly router_aux_loss_coef: number;
  readonly r: number;
  readonly lora_alpha: number;
  readonly lora_dropout: number;
  readonly dropout_mode: 'shared' | 'per_expert';
  readonly target_modules: readonly ModuleName[];
  readonly learning_rate: number;
  readonly lr_scheduler_type: 'constant' | 'linear' | 'cosine';
  readonly warmup_steps: number;
  readonly max_steps: number;
  readonly max_length: number;
  readonly per_device_train_batch_size: number;
  readonly gradient_accumulation_steps: number;
  readonly gradient_checkpointing: 'auto' | 'on' | 'off';
  readonly weight_decay: number;
  readonly max_grad_norm: number;
  readonly seed: number;
  readonly val_size: number;
  readonly eval_steps: number;
  readonly logging_steps: number;
  readonly save_steps: number;
}
