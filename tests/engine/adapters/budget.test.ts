import { describe, expect, it } from 'vitest';
import { MODULES, type ModuleName } from '../../../src/config/modules';
import { defaultRunConfig } from '../../../src/config/defaults';
import type { RunConfig } from '../../../src/config/runConfig';
import { describeRatio, matchBudget, trainableWeights } from '../../../src/engine/adapters/budget';
import { adapterLayout } from '../../../src/engine/adapters/layout';
import { METHODS } from '../../../src/engine/adapters/registry';
import type { LlamaConfig } from '../../../src/engine/model/llamaConfig';
import { linearShape, weightCount } from '../../../src/engine/model/tensorShapes';
import { tinyConfig } from '../../support/tinyModel';

const LLAMA_3_8B: LlamaConfig = {
  ...tinyConfig,
  vocabSize: 128_256,
  hiddenSize: 4096,
  intermediateSize: 14_336,
  layers: 32,
  heads: 32,
  kvHeads: 8,
  headDim: 128,
  attentionBias: false,
  mlpBias: false,
};

const run = (changes: Partial<RunConfig> = {}): RunConfig => ({ ...defaultRunConfig(3), ...changes });

/** Every method, MASA with each mix. */
const VARIANTS: readonly Partial<RunConfig>[] = [
  { method: 'lora' },
  { method: 'masa', expert_mix: 'sum' },
  { method: 'masa', expert_mix: 'mean' },
  { method: 'masa', expert_mix: 'router' },
  { method: 'hydralora' },
  { method: 'lora_moe' },
];

/** The counts as the methods' definitions have them, term by term. */
function byDefinition(settings: RunConfig, config: LlamaConfig): number {
  const { method, expert_mix, num_experts: E, group_size: S, r: R, target_modules } = settings;
  const { layers: L } = config;
  return target_modules.reduce((sum, module) => {
    const [out, input] = linearShape(config, module);
    switch (method) {
      case 'lora':
        return sum + L * R * (input + out);
      case 'masa':
        return (
          sum + Math.ceil(L / S) * E * R * input + L * R * out + (expert_mix === 'router' ? L * E * input : 0)
        );
      case 'hydralora':
        return sum + L * (R * input + E * R * out + E * input);
      case 'lora_moe':
        return sum + L * (E * R * (input + out) + E * input);
    }
  }, 0);
}

describe('trainable weights', () => {
  it('covers every method of the registry', () => {
    expect(new Set(VARIANTS.map(({ method }) => method))).toEqual(new Set(Object.keys(METHODS)));
  });

  const subsets: readonly (readonly ModuleName[])[] = [
    MODULES,
    ['q_proj', 'v_proj'],
    ['o_proj', 'down_proj'],
  ];
  const shapes: readonly LlamaConfig[] = [
    tinyConfig, // D ≠ C/H, grouped-query attention, odd numbers of layers
    { ...tinyConfig, layers: 7, hiddenSize: 9, intermediateSize: 11, heads: 3, kvHeads: 3, headDim: 5 },
    { ...tinyConfig, layers: 1 },
  ];

  it.each(VARIANTS)('of $method ($expert_mix) are those of the layout and of the definition', (variant) => {
    for (const config of shapes) {
      for (const target_modules of subsets) {
        for (const num_experts of [1, 2, 3, 8]) {
          for (const group_size of [1, 2, 3, 5].filter((size) => size <= config.layers)) {
            const r = num_experts + group_size; // 2 to 13
            const settings = run({ ...variant, num_experts, group_size, r, target_modules });
            const counts = [adapterLayout(settings, config).size, byDefinition(settings, config)];
            const weights = trainableWeights(settings, config);
            expect(counts).toEqual([weights, weights]);
          }
        }
      }
    }
  });

  it.each([1, 2, 4, 8, 16, 32])(
    'of MASA on LLaMA-3-8B with E = S = %i and r 16 are 0.52 %% of the base',
    (S) => {
      const masa = run({ method: 'masa', expert_mix: 'sum', num_experts: S, group_size: S, r: 16 });
      expect(trainableWeights(masa, LLAMA_3_8B)).toBe(41_943_040);
      expect(trainableWeights({ ...masa, method: 'lora' }, LLAMA_3_8B)).toBe(41_943_040);
      expect(weightCount(LLAMA_3_8B)).toBe(8_030_261_248); // as the model's card has it
      expect(((100 * 41_943_040) / weightCount(LLAMA_3_8B)).toFixed(2)).toBe('0.52');
    },
  );
});

describe('a match', () => {
  const config = { ...tinyConfig, layers: 6 };

  it.each(VARIANTS)('for $method ($expert_mix) is the closest of all r, as a search finds it', (variant) => {
    for (const target of [1, 500, 1_777, 4_096, 20_001, 123_456]) {
      const settings = run({ ...variant, num_experts: 3, group_size: 4 });
      const found = matchBudget(target, settings, config);
      const off = (r: number) => Math.abs(trainableWeights({ ...settings, r }, config) - target);
      const all = Array.from({ length: 256 }, (_, index) => index + 1);
      const least = all.reduce((best, r) => (off(r) < off(best) ? r : best)); // the first of equals is the smallest
      expect(found.settings.r).toBe(least);
      expect(found.weights).toBe(trainableWeights(found.settings, config));
      expect(found.ratio).toBe(found.weights / target);
    }
  });

  it('of a method to itself changes nothing', () => {
    for (const variant of VARIANTS) {
      const settings = run(variant);
      const match = matchBudget(trainableWeights(settings, config), settings, config);
      expect(match).toMatchObject({ settings, ratio: 1 });
    }
  });

  it('keeps the scale lora_alpha / r', () => {
    const { settings } = matchBudget(9_000, run({ r: 8, lora_alpha: 12 }), config);
    expect(settings.r).not.toBe(8);
    expect(settings.lora_alpha / settings.r).toBeCloseTo(12 / 8, 12); // one rounding of a double each way
  });

  it('takes the smaller r of two that are equally far', () => {
    const lora = run({ method: 'lora', r: 1 });
    const one = trainableWeights(lora, config);
    expect(matchBudget(2.5 * one, lora, config)).toMatchObject({ settings: { r: 2 }, ratio: 2 / 2.5 });
  });

  it('says how far off it is where no r will do', () => {
    const few = matchBudget(1, run({ method: 'lora_moe', num_experts: 8 }), config);
    expect(few.settings.r).toBe(1);
    expect(few.ratio).toBe(few.weights);
    const many = matchBudget(1e12, run({ method: 'lora' }), config);
    expect(many.settings.r).toBe(1024);
    expect(many.ratio).toBe(many.weights / 1e12);
    expect(many.ratio).toBeLessThan(1e-3);
  });

  it('varies E and S where it may, and is then at least as close as with r alone', () => {
    const settings = run({ method: 'masa', expert_mix: 'router', num_experts: 2, group_size: 2 });
    const choices = { num_experts: [1, 2, 3, 4, 5], group_size: [1, 2, 3, 4, 5, 6] };
    for (const target of [3_001, 7_000, 20_001]) {
      const offs = choices.num_experts.flatMap((num_experts) =>
        choices.group_size.map((group_size) =>
          Math.abs(matchBudget(target, { ...settings, num_experts, group_size }, config).weights - target),
        ),
      );
      const found = matchBudget(target, settings, config, choices);
      expect(Math.abs(found.weights - target)).toBe(Math.min(...offs));
    }
  });

  it('leaves E and S as they are where changing them is of no use', () => {
    const choices = { num_experts: [1, 2, 3], group_size: [1, 2, 3] };
    const lora = run({ method: 'lora', num_experts: 2, group_size: 2 });
    expect(matchBudget(5_000, lora, config, choices).settings).toMatchObject({
      num_experts: 2,
      group_size: 2,
    });
    const masa = run({ method: 'masa', num_experts: 3, group_size: 3 });
    const own = trainableWeights(masa, config); // E = S = 1, 2 and 3 count alike on six layers
    expect(matchBudget(own, masa, config, choices)).toMatchObject({ settings: masa, ratio: 1 });
  });

  it('to nothing, of nothing or among nothing is refused', () => {
    expect(() => matchBudget(0, run(), config)).toThrow('a budget of 0 weights');
    expect(() => matchBudget(9, run({ target_modules: [] }), config)).toThrow('no module');
    expect(() => matchBudget(9, run(), config, { group_size: [] })).toThrow('no value of E or S');
  });

  it('is described by how far it is off', () => {
    expect(describeRatio(1)).toBe('exactly as many');
    expect(describeRatio(1, 'LoRA')).toBe('exactly as many as LoRA');
    expect(describeRatio(1.0312, 'LoRA')).toBe('3.1 % more than LoRA');
    expect(describeRatio(0.5)).toBe('50 % fewer');
    expect(describeRatio(12)).toBe('1100 % more');
    expect(describeRatio(1 - 1e-6)).toBe('less than 0.01 % fewer');
  });
});
