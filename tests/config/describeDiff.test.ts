import { describe, expect, it } from 'vitest';
import { defaultRunConfig } from '../../src/config/defaults';
import { describeDiff } from '../../src/config/describeDiff';
import type { RunConfig } from '../../src/config/runConfig';

const BASE = { ...defaultRunConfig(8), method: 'lora' } as const;
const run = (part: Partial<RunConfig> = {}, model = 'small', data = 'clerk') => ({
  settings: { ...BASE, ...part },
  model,
  data,
});

describe('what a run is called beside the one before', () => {
  it.each<[string, ReturnType<typeof run>, ReturnType<typeof run>]>([
    ['r 8 to 16, HydraLoRA instead of LoRA', run(), run({ r: 16, method: 'hydralora' })],
    ['learning rate 0.0002 to 0.001', run(), run({ learning_rate: 1e-3 })],
    ['schedule constant instead of cosine to zero', run(), run({ lr_scheduler_type: 'constant' })],
    ['large instead of small, pirate instead of clerk', run(), run({}, 'large', 'pirate')],
    ['the same settings again', run(), run()],
    // LoRA reads no E, and logging changes no result.
    ['the same settings again', run({ num_experts: 2 }), run({ num_experts: 4, logging_steps: 9 })],
    ['E 2 to 4', run({ method: 'masa' }), run({ method: 'masa', num_experts: 4 })],
  ])('%s', (caption, before, after) => {
    expect(describeDiff(before, after)).toBe(caption);
  });

  it('names the modules that came and went', () => {
    const before = run({ target_modules: ['q_proj', 'v_proj'] });
    const after = run({ target_modules: ['q_proj', 'k_proj'] });
    expect(describeDiff(before, after)).toBe('with k_proj, without v_proj');
  });

  it('describes a first run by itself', () => {
    expect(describeDiff(undefined, run())).toBe('LoRA, r 8');
    expect(describeDiff(undefined, run({ method: 'masa' }))).toBe('MASA, r 8, E 2, S 2');
  });
});
