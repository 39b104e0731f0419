import { beforeAll, expect, it } from 'vitest';
import { adapterLayout } from '../../../src/engine/adapters/layout';
import { loadBaseModel, openDevice, planTraining, type GpuDevice } from '../../../src/engine';
import { assertClose } from '../../reference/compare';
import { llamaGradient } from '../../reference/llama';
import { describeGpu, testGpu } from '../../support/dawn';
import { gradientFixture, referenceWeights } from '../../support/fixture';
import { randomIntegers, randomValues } from '../../support/random';
import { engineBatch, engineGradient, testRun } from '../../support/runs';
import type { RunConfig } from '../../../src/config/runConfig';

/** As in parity.gpu.test.ts: f32 against float64, some 1e-6; a wrong term shows as 1e-2. */
const TOLERANCE = { maxRel: 1e-4 };

/** Corners of the whole model that the PyTorch fixtures do not reach, against the float64 reference. */
describeGpu('the model in its corners', () => {
  let gpu: GpuDevice;

  beforeAll(async () => {
    gpu = await openDevice((await testGpu())!);
  });

  /** Examples of these lengths on `rows` rows; a negative length is padding. */
  function packed(lengths: readonly number[], vocabulary: number) {
    const [tokens, targets, positions, first, last]: number[][] = [[], [], [], [], []];
    const drawn = randomIntegers(1000, vocabulary, 7);
    for (const length of lengths) {
      const start = tokens!.length;
      for (let t = 0; t < Math.abs(length); t++) {
        const row = start + t;
        const padding = length < 0;
        tokens!.push(padding ? 0 : drawn[row]!);
        targets!.push(padding || t < 2 ? -100 : drawn[row + 500]!);
        positions!.push(padding ? 0 : t);
        first!.push(padding ? row : start);
        last!.push(padding ? row : start + length - 1);
      }
    }
    return { tokens: tokens!, targets: targets!, positions: positions!, first: first!, last: last! };
  }

  async function check(
    settings: Partial<RunConfig>,
    lengths: readonly number[],
    maxBinding?: number,
  ): Promise<void> {
    const { checkpoint } = await gradientFixture('masa');
    const base = await loadBaseModel(gpu, checkpoint);
    const { config } = checkpoint;
    const batch = packed(lengths, config.vocabSize);
    const run = testRun(config.layers, batch.tokens.length, {
      method: 'masa',
      num_experts: 2,
      group_size: 2,
      r: 2,
      lora_alpha: 2,
      ...settings,
    });
    const layout = adapterLayout(run, config);
    // B away from zero, so that every gradient lives.
    const values = Float32Array.from(randomValues(layout.size, 3, 0.3));
    const result = await engineGradient(base, run, engineBatch(batch), values, {}, maxBinding);
    const counted = batch.targets.filter((target) => target >= 0).length;
    const reference = llamaGradient(
      {
        config,
        weights: await referenceWeights(checkpoint),
        adapter: { shape: run, loraAlpha: run.lora_alpha, values: Float64Array.from(values) },
      },
      batch,
      1 / counted,
    );
    expect(Math.abs(result.loss - reference.lossSum / counted)).toBeLessThan(1e-5);
    for (const { name, offset, shape } of layout.tensors) {
      const part = (all: ArrayLike<number>) => Array.from(all).slice(offset, offset + shape[0] * shape[1]);
      assertClose(part(result.gradient), part(reference.gradient), TOLERANCE, name);
    }
    base.destroy();
  }

  it('adapts one module alone', async () => {
    for (const module of ['k_proj', 'v_proj', 'down_proj', 'up_proj'] as const) {
      await check({ target_modules: [module] }, [9, 5]);
    }
  });

  it('leaves padding rows out, between lines of a batch too', async () => {
    await check({}, [7, 4, -3, 10, -6]);
  });

  it('computes the head in several chunks of rows', async () => {
    // Room for the logits of 64 of the 98 rows, and for every activation.
    await check({ r: 1 }, [50, 45, -3], 64 * 67 * 4 + 256);
  });

  it('binds weights in slices, the embedding that is also the head among them', async () => {
    // The activations of 8 rows fit into 2,900 bytes, the embedding and the MLP's weights do not.
    await check({ method: 'lora', r: 1, target_modules: ['q_proj'] }, [5, 3], 2900);
  });

  it('refuses activations that the GPU cannot bind, with the cure', async () => {
    const { checkpoint } = await gradientFixture('masa');
    const base = await loadBaseModel(gpu, checkpoint);
    const { config, weights } = base;
    const run = testRun(config.layers, 64, {});
    expect(() => planTraining({ config, weights, run, maxBinding: 4096 })).toThrow(
      /^GPU memory: ".*" has \d+ bytes, and this GPU binds 4096 at once; lower max_length/,
    );
    base.destroy();
  });
});
