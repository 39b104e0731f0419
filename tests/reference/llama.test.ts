import { describe, expect, it } from 'vitest';
import { MODULES } from '../../src/config/modules';
import { adapterLayout, type AdapterShapeConfig } from '../../src/engine/adapters/layout';
import { packedBatch, randomModel, tinyConfig } from '../support/tinyModel';
import { assertClose } from './compare';
import { hashMasks } from './dropout';
import { finiteDifference } from './finiteDifference';
import { llamaGradient, llamaLogits, llamaLoss, type ReferenceModel } from './llama';

const batch = packedBatch([5, 1, 4], tinyConfig.vocabSize, 3);
const masa: AdapterShapeConfig = {
  method: 'masa',
  num_experts: 3,
  group_size: 2,
  expert_mix: 'sum',
  r: 2,
  target_modules: MODULES,
};

interface Case {
  readonly name: string;
  readonly adapter: AdapterShapeConfig;
  readonly config?: Partial<ReferenceModel['config']>;
  readonly dropout?: 'shared' | 'per_expert';
}

const cases: Case[] = [
  { name: 'LoRA', adapter: { ...masa, method: 'lora' } },
  { name: 'MASA with a shorter last group', adapter: masa },
  { name: 'MASA on some modules', adapter: { ...masa, target_modules: ['v_proj', 'down_proj'] } },
  { name: 'MASA with one group', adapter: { ...masa, num_experts: 2, group_size: 3 } },
  { name: 'MASA with shared dropout', adapter: masa, dropout: 'shared' },
  { name: 'MASA with dropout per expert', adapter: masa, dropout: 'per_expert' },
  {
    name: 'a tied model with llama3 RoPE and no biases',
    adapter: masa,
    config: {
      tieWordEmbeddings: true,
      attentionBias: false,
      mlpBias: false,
      rope: {
        type: 'llama3',
        theta: 1000,
        factor: 8,
        lowFreqFactor: 1,
        highFreqFactor: 4,
        originalMaxPositions: 64,
      },
    },
  },
];

describe('whole-model reference gradient agrees with central differences', () => {
  for (const { name, adapter, config, dropout } of cases) {
    it(`of ${name}`, () => {
      const model = randomModel({ ...tinyConfig, ...config }, adapter, 1);
      const masks = dropout && hashMasks({ seed: 5, lora_dropout: 0.3, dropout_mode: dropout }, 2, 1);
      const { counted } = llamaLoss(model, batch);
      const loss = () => llamaLoss(model, batch, masks).lossSum / counted;
      const { gradient, lossSum } = llamaGradient(model, batch, 1 / counted, masks);
      expect(lossSum / counted).toBeCloseTo(loss(), 14);
      for (const { name: tensor, offset, shape } of adapterLayout(adapter, model.config).tensors) {
        // Every tensor, in it every seventh weight: all of them would take a minute.
        const count = Math.ceil((shape[0] * shape[1]) / 7);
        const indices = Array.from({ length: count }, (_, i) => offset + 7 * i);
        // Differences of a loss near 3 carry round-off 3 · 1e-16 / 6e-6 = 5e-11 and truncation of that order;
        // the largest gradient of a tensor can be as small as 1e-4.
        assertClose(
          indices.map((i) => gradient[i]!),
          finiteDifference(loss, model.adapter.values, indices),
          { maxRel: 1e-6 },
          tensor,
        );
      }
    });
  }
});

describe('whole-model reference forward', () => {
  it('treats packed sequences as if each were alone', () => {
    const model = randomModel(tinyConfig, masa, 1);
    const packed = llamaLogits(model, batch);
    const pick = (values: ArrayLike<number>) => Array.from(values).slice(6, 10);
    const alone = llamaLogits(model, {
      tokens: pick(batch.tokens),
      targets: pick(batch.targets),
      positions: [0, 1, 2, 3],
      first: [0, 0, 0, 0],
      last: [3, 3, 3, 3],
    });
    // The same sums in the same order: nothing but rounding of equal operations, so equal to the bit.
    expect(packed.subarray(6 * tinyConfig.vocabSize)).toEqual(alone);
  });

  it('equals the base model when every B is zero', () => {
    const { adapter, ...base } = randomModel(tinyConfig, masa, 1);
    for (const { role, offset, shape } of adapterLayout(masa, tinyConfig).tensors) {
      if (role === 'B') adapter.values.fill(0, offset, offset + shape[0] * shape[1]);
    }
    expect(llamaLogits({ ...base, adapter }, batch)).toEqual(llamaLogits(base, batch));
  });

  it('sums the experts: MASA equals LoRA with the summed A in every layer of the group', () => {
    const model = randomModel(tinyConfig, masa, 1);
    const lora: AdapterShapeConfig = { ...masa, method: 'lora' };
    const [from, to] = [adapterLayout(masa, tinyConfig), adapterLayout(lora, tinyConfig)];
    const values = new Float64Array(to.size);
    for (const target of to.tensors) {
      const index = target.role === 'A' ? Math.floor(target.index / 2) : target.index;
      for (const source of from.tensors) {
        if (source.role !== target.role || source.module !== target.module || source.index !== index)
          continue;
        for (let i = 0; i < target.shape[0] * target.shape[1]; i++) {
          values[target.offset + i]! += model.adapter.values[source.offset + i]!;
        }
      }
    }
    const collapsed = { ...model, adapter: { ...model.adapter, shape: lora, values } };
    // float64 sums in another order.
    assertClose(llamaLogits(model, batch), llamaLogits(collapsed, batch), { maxRel: 1e-13 }, 'logits');
  });
});
