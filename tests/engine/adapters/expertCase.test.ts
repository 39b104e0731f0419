import { describe, expect, it } from 'vitest';
import { defaultRunConfig } from '../../../src/config/defaults';
import type { RunConfig } from '../../../src/config/runConfig';
import { expertCase } from '../../../src/engine/adapters/expertCase';

const of = (changes: Partial<RunConfig>) => expertCase({ ...defaultRunConfig(4), ...changes });
const OWN_MASKS = { dropout_mode: 'per_expert', lora_dropout: 0.1 } as const;

describe('the case of the experts', () => {
  it.each<[ReturnType<typeof of>['id'], ReturnType<typeof of>['knob'], Partial<RunConfig>]>([
    ['single', 'method', { method: 'lora', num_experts: 4 }],
    ['single', 'num_experts', { method: 'masa', num_experts: 1 }],
    ['single', 'num_experts', { method: 'masa', num_experts: 1, expert_mix: 'router' }],
    ['single', 'num_experts', { method: 'masa', num_experts: 1, ...OWN_MASKS }],
    ['single', 'num_experts', { method: 'hydralora', num_experts: 1 }],
    ['single', 'num_experts', { method: 'lora_moe', num_experts: 1 }],
    ['tied', 'expert_mix', { method: 'masa' }],
    ['tied', 'expert_mix', { method: 'masa', expert_mix: 'mean' }],
    ['tied', 'expert_mix', { method: 'masa', lora_dropout: 0.1 }], // one mask for all
    ['tied', 'expert_mix', { method: 'masa', dropout_mode: 'per_expert' }], // without dropout there is no mask
    ['pulled_together', 'expert_mix', { method: 'masa', ...OWN_MASKS }],
    ['pulled_together', 'expert_mix', { method: 'masa', expert_mix: 'mean', ...OWN_MASKS }],
    ['free', 'expert_mix', { method: 'masa', expert_mix: 'router' }],
    ['free', 'expert_mix', { method: 'masa', expert_mix: 'router', ...OWN_MASKS }],
    ['free', 'method', { method: 'hydralora' }],
    ['free', 'method', { method: 'lora_moe', ...OWN_MASKS }],
  ])('is %s, changed by %s, for %j', (name, knob, changes) => {
    const found = of(changes);
    expect(found).toMatchObject({ id: name, knob });
    expect(found.sentence).toContain(name === 'free' ? 'free to specialise' : name.replace('_', ' '));
  });

  it('is said with the mix, the experts, and a router that does not learn', () => {
    expect(of({ expert_mix: 'mean' }).sentence).toContain('under a plain mean');
    expect(of({ method: 'hydralora' }).sentence).toContain('up-projections');
    expect(of({ method: 'lora_moe' }).sentence).not.toContain('up-projections');
    expect(of({ method: 'lora_moe', top_k: 1 }).sentence).toContain('which the loss does not train');
    expect(of({ method: 'lora_moe', top_k: 2 }).sentence).not.toContain('does not train');
  });
});
