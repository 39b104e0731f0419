import type { AdapterMethod } from './adapterMethod';

/** HydraLoRA: y = W x + s·Σ_i softmax(router·x)_i·B_i A x, one A and E heads B_i a module (Tian et al. 2024). */
export const hydralora: AdapterMethod = {
  id: 'hydralora',
  label: 'HydraLoRA',
  paper: 'https://arxiv.org/abs/2404.19245',
  block: ({ num_experts }) => ({ downs: 1, ups: num_experts, mix: 'router', groupSize: 1 }),
};
