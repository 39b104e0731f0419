import type { AdapterMethod } from './adapterMethod';

/** LoRA: y = W x + s·B A x, one pair per module and layer (Hu et al. 2021). */
export const lora: AdapterMethod = {
  id: 'lora',
  label: 'LoRA',
  paper: 'https://arxiv.org/abs/2106.09685',
  block: () => ({ downs: 1, ups: 1, mix: 'none', groupSize: 1 }),
};
