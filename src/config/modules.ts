/** The seven linear layers of a LLaMA block, in the order in which the forward pass meets them. */
export const MODULES = ['q_proj', 'k_proj', 'v_proj', 'o_proj', 'gate_proj', 'up_proj', 'down_proj'] as const;
export type ModuleName = (typeof MODULES)[number];

/** Modules that read the same input x share one down-projection dispatch. */
export const INPUT_SETS = [
  ['q_proj', 'k_proj', 'v_proj'],
  ['o_proj'],
  ['gate_proj', 'up_proj'],
  ['down_proj'],
] as const satisfies readonly (readonly ModuleName[])[];

/** Path of a module inside a Hugging Face LLaMA layer, as used in every tensor name. */
export function modulePath(module: ModuleName): string {
  return module === 'gate_proj' || module === 'up_proj' || module === 'down_proj'
    ? `mlp.${module}`
    : `self_attn.${module}`;
}
