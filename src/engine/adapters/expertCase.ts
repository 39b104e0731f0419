import type { KnobKey } from '../../config/knob';
import { KNOBS } from '../../config/knobs';
import type { RunConfig } from '../../config/runConfig';
import type { LowRankBlock } from './adapterMethod';
import { expertsOf } from './layout';
import { METHODS } from './registry';

/** The settings that decide what can become of the experts. */
export type ExpertSettings = Pick<
  RunConfig,
  'method' | 'num_experts' | 'group_size' | 'expert_mix' | 'top_k' | 'lora_dropout' | 'dropout_mode'
>;

/** What the algebra says about the experts of a group, whatever the data (method: MASA, section 3). */
export interface ExpertCase {
  readonly id: 'single' | 'tied' | 'pulled_together' | 'free';
  /** The case and its reason, with the setting that would change it. */
  readonly sentence: string;
  /** That setting. */
  readonly knob: KnobKey;
}

/**
 * Which case the settings give:
 *
 * - single: there is one expert.
 * - tied: with a plain sum (or mean), Σ_i A_i x = (Σ_i A_i) x, so every A_i gets the same gradient and A_i − A_j keeps
 *   its initial value.
 * - pulled_together: a dropout mask of each expert's own makes the gradients differ, and adds the expected penalty
 *   p/(1−p)·Σ_i ‖A_i diag(x)‖², which is least for equal experts.
 * - free: a router weighs the experts by token, so that they can specialise.
 */
export function expertCase(settings: ExpertSettings): ExpertCase {
  const block = METHODS[settings.method].block(settings);
  if (expertsOf(block) === 1) return single(settings);
  if (block.mix === 'router') return free(settings, block);
  const router = `${KNOBS.expert_mix.label}: ${KNOBS.expert_mix.choices.router} sets them free`;
  if (settings.dropout_mode === 'per_expert' && settings.lora_dropout > 0) {
    return {
      id: 'pulled_together',
      knob: 'expert_mix',
      sentence: `The experts are pulled together: a dropout mask each makes their gradients differ, at a penalty that is least when they are equal. ${router}.`,
    };
  }
  return {
    id: 'tied',
    knob: 'expert_mix',
    sentence: `The experts are tied: under a plain ${block.mix} all of a group get the same gradient, so what tells them apart stays the noise they began with. ${router}.`,
  };
}

function single({ method }: ExpertSettings): ExpertCase {
  const takesExperts = KNOBS.num_experts.methods?.includes(method) ?? true;
  return takesExperts
    ? {
        id: 'single',
        knob: 'num_experts',
        sentence: `There is a single expert, so there is nothing to specialise. ${KNOBS.num_experts.label} above 1 adds some.`,
      }
    : {
        id: 'single',
        knob: 'method',
        sentence: `${METHODS[method].label} has a single expert, so there is nothing to specialise. The other methods have several.`,
      };
}

function free({ method, top_k }: ExpertSettings, block: LowRankBlock): ExpertCase {
  const [knob, way]: [KnobKey, string] =
    method === 'masa'
      ? ['expert_mix', `${KNOBS.expert_mix.label}: ${KNOBS.expert_mix.choices.sum} ties them`]
      : ['method', `${METHODS.masa.label} with a sum ties them`];
  // The weight of the one chosen is renormalised to 1, whatever the router says.
  const untrained =
    top_k === 1 ? ' (which the loss does not train, because the weight of the one chosen is always 1)' : '';
  const experts = block.downs === 1 ? 'The experts (here the up-projections)' : 'The experts';
  return {
    id: 'free',
    knob,
    sentence: `${experts} are free to specialise: a router${untrained} weighs them for each token, so that each gets a gradient of its own. ${way}.`,
  };
}
