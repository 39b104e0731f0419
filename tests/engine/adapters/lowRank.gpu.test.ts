import { beforeAll, expect, it } from 'vitest';
import type { RunConfig } from '../../../src/config/runConfig';
import { loadBaseModel, openDevice, type BaseModel, type GpuDevice } from '../../../src/engine';
import { adapterLayout } from '../../../src/engine/adapters/layout';
import { assertClose } from '../../reference/compare';
import { describeGpu, testGpu } from '../../support/dawn';
import { gradientFixture } from '../../support/fixture';
import { randomIntegers, randomValues } from '../../support/random';
import { engineBatch, engineGradient, testRun } from '../../support/runs';

const ROWS = 12;

const runOf = (settings: Partial<RunConfig>, { config }: BaseModel) =>
  testRun(config.layers, ROWS, { r: 4, lora_alpha: 8, ...settings });
const layoutOf = (settings: Partial<RunConfig>, base: BaseModel) =>
  adapterLayout(runOf(settings, base), base.config);
/** B away from zero, so that every gradient lives. */
const valuesOf = (settings: Partial<RunConfig>, base: BaseModel) =>
  Float32Array.from(randomValues(layoutOf(settings, base).size, 3, 0.3));

describeGpu('the low-rank block', () => {
  let gpu: GpuDevice;

  beforeAll(async () => {
    gpu = await openDevice((await testGpu())!);
  });

  /** A model, and loss and gradient of one batch with an adapter. */
  async function setUp(settings: Partial<RunConfig>) {
    const base = await loadBaseModel(gpu, (await gradientFixture('masa')).checkpoint);
    const tokens = randomIntegers(ROWS + 1, base.config.vocabSize, 7);
    const batch = engineBatch({
      tokens: tokens.slice(0, ROWS),
      targets: tokens.slice(1),
      positions: Array.from({ length: ROWS }, (_, row) => row),
      first: new Array<number>(ROWS).fill(0),
      last: new Array<number>(ROWS).fill(ROWS - 1),
    });
    const measure = (method: Partial<RunConfig>, values: Float32Array<ArrayBuffer>) =>
      engineGradient(base, runOf({ ...settings, ...method }, base), batch, values, { step: 2, micro: 1 });
    return { base, measure };
  }

  // MASA with one A and no sharing is LoRA by definition; the same kernels must see the same shapes.
  it.each<[string, Partial<RunConfig>]>([
    ['without dropout', {}],
    ['with dropout', { lora_dropout: 0.2, dropout_mode: 'shared' }],
    ['with a mask for each expert', { lora_dropout: 0.2, dropout_mode: 'per_expert' }],
  ])(
    'of MASA with E = 1 and S = 1 gives the loss and gradients of LoRA to the bit, %s',
    async (_, settings) => {
      const { base, measure } = await setUp(settings);
      const values = valuesOf({ method: 'lora' }, base);
      const lora = await measure({ method: 'lora' }, values);
      const masa = await measure({ method: 'masa', num_experts: 1, group_size: 1 }, values);
      expect(lora.gradient.some((value) => value !== 0)).toBe(true);
      expect(masa.loss).toBe(lora.loss);
      expect(masa.gradient).toEqual(lora.gradient);
      base.destroy();
    },
  );

  // Softmax over one expert is 1, its gradient 0; the same products are then summed by kernels of another shape, which
  // leaves rounding: some 1e-6 of the largest value.
  it.each(['hydralora', 'lora_moe'] as const)(
    'of %s with one expert is LoRA but for rounding',
    async (method) => {
      const { base, measure } = await setUp({});
      const values = valuesOf({ method: 'lora' }, base);
      const lora = await measure({ method: 'lora' }, values);
      const layout = layoutOf({ method, num_experts: 1 }, base);
      const routed = new Float32Array(layout.size);
      routed.set(values); // A's and B's come first, in the same order
      routed.set(Float32Array.from(randomValues(layout.size - values.length, 5)), values.length);
      const { loss, gradient } = await measure({ method, num_experts: 1, top_k: 0 }, routed);
      expect(Math.abs(loss - lora.loss)).toBeLessThan(1e-5);
      assertClose(gradient.subarray(0, values.length), lora.gradient, { maxRel: 1e-5 }, 'gradient');
      expect(gradient.subarray(values.length).every((value) => value === 0)).toBe(true);
      base.destroy();
    },
  );

  it('of MASA with a sum and S = 1 has the loss and B-gradient of LoRA whose A is the sum', async () => {
    const { base, measure } = await setUp({});
    const settings = { method: 'masa', num_experts: 3, group_size: 1 } as const;
    const [many, one] = [layoutOf(settings, base), layoutOf({ method: 'lora' }, base)];
    const values = valuesOf(settings, base);
    const summed = new Float32Array(one.size);
    for (const { role, module, index, shape, offset } of many.tensors) {
      const at = one.find(role, module, index).offset;
      for (let i = 0; i < shape[0] * shape[1]; i++) summed[at + i]! += values[offset + i]!;
    }
    const [masa, lora] = [await measure(settings, values), await measure({ method: 'lora' }, summed)];
    expect(Math.abs(masa.loss - lora.loss)).toBeLessThan(1e-5);
    for (const { role, module, index, shape, offset } of many.tensors) {
      if (role !== 'B') continue;
      const at = one.find('B', module, index).offset;
      const size = shape[0] * shape[1];
      const ours = masa.gradient.subarray(offset, offset + size);
      assertClose(ours, lora.gradient.subarray(at, at + size), { maxRel: 1e-5 }, `B of ${module}`);
    }
    base.destroy();
  });
});
