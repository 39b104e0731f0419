import type { AdapterMethod } from './adapterMethod';

/** MASA: y = W x + s·B^(l)·Σ_i A_i^(⌊l/S⌋) x, the A's shared by groups of S layers (Dong et al. 2025). */
export const masa: AdapterMethod = {
  id: 'masa',
  label: 'MASA',
  paper: 'https://arxiv.org/abs/2510.06005',
  block: ({ num_experts, group_size }) => ({ downs: num_experts, ups: 1, mix: 'sum', groupSize: group_size }),
};
