import type { KnobKey } from '../../../config/knob';
import { METHODS } from '../../adapters/registry';
import type { AdapterConfig } from '../../adapters/adapter';

/**
 * What the settings let the experts of a group become (method, section 3): there is `single` expert; they are `tied`
 * to the differences that they began with; `pulled_together`; or `free` to part.
 */
export type ExpertCaseId = 'single' | 'tied' | 'pulled_together' | 'free';

export interface ExpertCase {
  readonly id: ExpertCaseId;
  /** The case with its reason and the setting that changes it, in one sentence for people. */
  readonly sentence: string;
  /** That setting. */
  readonly knob: KnobKey;
}

/** The case that an adapter's settings give, whatever it has learnt. */
export function expertCase(settings: AdapterConfig): ExpertCase {
  const { downs, ups, mix } = METHODS[settings.method].block(settings);
  if (downs === 1 && ups === 1) return SINGLE[settings.method === 'lora' ? 'method' : 'num_experts'];
  if (mix === 'router') return settings.method === 'masa' ? FREE.expert_mix : FREE.method;
  if (settings.lora_dropout > 0 && settings.dropout_mode === 'per_expert') return PULLED_TOGETHER;
  return TIED;
}

const SINGLE = {
  method: {
    id: 'single',
    sentence: 'Each module has one pair A, B and no experts to compare; another method gives it several.',
    knob: 'method',
  },
  num_experts: {
    id: 'single',
    sentence: 'With one expert there is nothing to compare; raise num_experts.',
    knob: 'num_experts',
  },
} as const;

const TIED: ExpertCase = {
  id: 'tied',
  sentence:
    'The experts are tied: all A’s of a group get the same gradient, so what parts them is the noise that they began with and no specialisation; expert_mix router sets them free.',
  knob: 'expert_mix',
};

const PULLED_TOGETHER: ExpertCase = {
  id: 'pulled_together',
  sentence:
    'The experts are pulled together: each has dropout masks of its own, whose penalty is least when the A’s of a group are equal; expert_mix router sets them free.',
  knob: 'expert_mix',
};

const FREE = {
  expert_mix: {
    id: 'free',
    sentence:
      'The experts are free: a router weighs them for each token, so each gets a gradient of its own and may specialise; expert_mix sum ties them.',
    knob: 'expert_mix',
  },
  method: {
    id: 'free',
    sentence:
      'The experts are free: a router weighs them for each token, so each gets a gradient of its own and may specialise; router_aux_loss_coef says how evenly they are used.',
    knob: 'router_aux_loss_coef',
  },
} as const;
