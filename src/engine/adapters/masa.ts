import type { AdapterMethod } from './adapterMethod';

/**
 * MASA: y = W x + s·B^(l)·Σ_i A_i^(⌊l/S⌋) x, the A's shared by groups of S layers (Dong et al. 2025). Beside the
 * paper's sum, the mean, or a router per module and layer that weighs the A's.
 */
export const masa: AdapterMethod = {
  id: 'masa',
  label: 'MASA',
  paper: 'https://arxiv.org/abs/2510.06005',
  block: ({ num_experts, group_size, expert_mix }) => ({
    downs: num_experts,
    ups: 1,
    mix: expert_mix,
    groupSize: group_size,
  }),
};
