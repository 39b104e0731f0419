import { beforeAll, expect, it } from 'vitest';
import type { RunConfig } from '../../../src/config/runConfig';
import { loadBaseModel, openDevice, type GpuDevice } from '../../../src/engine';
import { adapterLayout } from '../../../src/engine/adapters/layout';
import { describeGpu, testGpu } from '../../support/dawn';
import { gradientFixture } from '../../support/fixture';
import { randomIntegers, randomValues } from '../../support/random';
import { engineBatch, engineGradient, testRun } from '../../support/runs';

describeGpu('the low-rank block', () => {
  let gpu: GpuDevice;

  beforeAll(async () => {
    gpu = await openDevice((await testGpu())!);
  });

  // MASA with one A and no sharing is LoRA by definition; the same kernels must see the same shapes.
  it.each<[string, Partial<RunConfig>]>([
    ['without dropout', {}],
    ['with dropout', { lora_dropout: 0.2, dropout_mode: 'shared' }],
    ['with a mask for each expert', { lora_dropout: 0.2, dropout_mode: 'per_expert' }],
  ])(
    'of MASA with E = 1 and S = 1 gives the loss and gradients of LoRA to the bit, %s',
    async (_, settings) => {
      const { checkpoint } = await gradientFixture('masa');
      const base = await loadBaseModel(gpu, checkpoint);
      const { config } = checkpoint;
      const rows = 12;
      const tokens = randomIntegers(rows + 1, config.vocabSize, 7);
      const batch = engineBatch({
        tokens: tokens.slice(0, rows),
        targets: tokens.slice(1),
        positions: Array.from({ length: rows }, (__, row) => row),
        first: new Array<number>(rows).fill(0),
        last: new Array<number>(rows).fill(rows - 1),
      });
      const measure = async (method: Partial<RunConfig>) => {
        const run = testRun(config.layers, rows, { r: 4, lora_alpha: 8, ...settings, ...method });
        const layout = adapterLayout(run, config);
        // B away from zero, so that every gradient lives.
        const values = Float32Array.from(randomValues(layout.size, 3, 0.3));
        return engineGradient(base, run, batch, values, { step: 2, micro: 1 });
      };
      const lora = await measure({ method: 'lora' });
      const masa = await measure({ method: 'masa', num_experts: 1, group_size: 1 });
      expect(lora.gradient.some((value) => value !== 0)).toBe(true);
      expect(masa.loss).toBe(lora.loss);
      expect(masa.gradient).toEqual(lora.gradient);
      base.destroy();
    },
  );
});
