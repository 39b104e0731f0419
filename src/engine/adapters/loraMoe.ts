import type { AdapterMethod } from './adapterMethod';

/** LoRA-MoE: y = W x + s·Σ_i softmax(router·x)_i·B_i A_i x, E pairs a module, as LoRAMoE has it (Dou et al. 2023). */
export const loraMoe: AdapterMethod = {
  id: 'lora_moe',
  label: 'LoRA-MoE',
  paper: 'https://arxiv.org/abs/2312.09979',
  block: ({ num_experts }) => ({ downs: num_experts, ups: num_experts, mix: 'router', groupSize: 1 }),
};
