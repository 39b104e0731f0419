import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunConfig } from '../../../src/config/runConfig';
import { createTrainer, loadBaseModel, openDevice, type BaseModel } from '../../../src/engine';
import { microBatch } from '../../../src/engine/data/batch';
import { modelWeights } from '../../../src/engine/model/weights';
import { tensorShapes } from '../../../src/engine/model/tensorShapes';
import { memoryFloor } from '../../../src/engine/train/memoryFloor';
import { planTraining } from '../../../src/engine/train/plan';
import { describeGpu, testGpu } from '../../support/dawn';
import { gradientFixture } from '../../support/fixture';
import { randomIntegers } from '../../support/random';
import { testRun } from '../../support/runs';
import { tinyConfig } from '../../support/tinyModel';

const ROWS = 24;
/** Of the fixture's model. */
const VOCABULARY = 67;

describeGpu('gradient checkpointing', () => {
  let base: BaseModel;

  beforeAll(async () => {
    const { checkpoint } = await gradientFixture('masa');
    base = await loadBaseModel(await openDevice((await testGpu())!), checkpoint);
  });

  afterAll(() => {
    base.destroy();
  });

  /** Two packed examples and padding. */
  function batch(seed: number) {
    const example = (length: number, offset: number) => {
      const ids = Uint32Array.from(randomIntegers(length, VOCABULARY, seed + offset));
      return { ids, train: Uint8Array.from(ids, (_, i) => (i > 2 ? 1 : 0)), task: undefined };
    };
    return microBatch([[example(13, 0), example(8, 1000)]], 1, ROWS);
  }

  async function train(settings: Partial<RunConfig>) {
    const run = testRun(base.config.layers, ROWS, {
      learning_rate: 1e-2,
      warmup_steps: 0,
      r: 3,
      ...settings,
    });
    const batches = {
      batchFor: (step: number, micro: number) => batch(10 * step + micro),
      validation: [batch(7)],
    };
    const trainer = await createTrainer(base, { run, batches });
    expect(trainer.allocatedBytes).toBe(trainer.plan.bytes.total);
    const metrics: number[] = [];
    await trainer.steps(3, ({ loss, grad_norm }) => {
      metrics.push(loss, grad_norm);
    });
    metrics.push((await trainer.validate()).loss);
    const { adapter, m, v } = await trainer.snapshot();
    const { bytes, recomputed } = trainer.plan;
    trainer.destroy();
    return { bytes, recomputed, result: { metrics, values: adapter.values, m, v } };
  }

  it.each<[string, Partial<RunConfig>]>([
    ['LoRA', { method: 'lora' }],
    [
      'LoRA with dropout and accumulation',
      { method: 'lora', lora_dropout: 0.2, gradient_accumulation_steps: 2 },
    ],
    ['MASA', { method: 'masa', num_experts: 3 }],
    ['MASA with one mask for all experts', { method: 'masa', lora_dropout: 0.2 }],
    [
      'MASA with a mask per expert and accumulation',
      { method: 'masa', lora_dropout: 0.2, dropout_mode: 'per_expert', gradient_accumulation_steps: 2 },
    ],
    ['MASA on one module in the middle', { method: 'masa', target_modules: ['up_proj'] }],
    ['LoRA on q alone', { method: 'lora', target_modules: ['q_proj'] }],
  ])('gives the same bits in less memory: %s', async (_name, settings) => {
    const off = await train({ ...settings, gradient_checkpointing: 'off' });
    const on = await train({ ...settings, gradient_checkpointing: 'on' });
    expect([off.recomputed, on.recomputed]).toEqual([false, true]);
    expect(on.result).toEqual(off.result);
    expect(on.bytes.activations).toBeLessThan(off.bytes.activations);
  });
});

/** The model of the benchmark: four layers of an LLM of 15 million weights. */
const BENCH = {
  ...{ ...tinyConfig, vocabSize: 2048, hiddenSize: 512, intermediateSize: 1536, layers: 4 },
  ...{ heads: 8, kvHeads: 4, headDim: 64, attentionBias: false, mlpBias: false, maxPositions: 2048 },
};

describe('the memory of a run', () => {
  const tensors = [...tensorShapes(BENCH)].map(([name, shape]) => [name, { dtype: 'BF16', shape }] as const);
  const weights = modelWeights(BENCH, new Map(tensors));
  const plan = (settings: Partial<RunConfig>, memoryBudget?: number) => {
    const run = testRun(4, 256, { method: 'lora', r: 8, ...settings });
    return { run, ...planTraining({ config: BENCH, weights, run, maxBinding: 2 ** 27, memoryBudget }) };
  };

  it('is at most a quarter above the floor with checkpointing', () => {
    for (const method of ['lora', 'masa'] as const) {
      const { run, bytes } = plan({ method, gradient_checkpointing: 'on' });
      expect(bytes.total).toBeLessThanOrEqual(1.25 * memoryFloor(BENCH, weights, run).total);
    }
  });

  it('has the floor that one computes by hand', () => {
    const { run } = plan({});
    // In rows of C = 512: h1, q, o, mid, h2 and the residual's gradient 1 each, k and v 1/2, gate, up and act 3.
    const live = 256 * 4 * (16 * 512 + 2 /* rstd */ + 8 /* lse */ + 7 * 8); /* u */
    const adapters = 16 * 4 * 8 * (6 * 512 + 1536 + 3 * 512 + 2 * 256 + 2 * 1536);
    expect(memoryFloor(BENCH, weights, run)).toMatchObject({
      weights: 2 * (4 * (1536 * 512 + 3 * 1536 * 512 + 2 * 512) + 2 * 2048 * 512 + 512),
      adapters,
      layerInputs: 4 * 256 * 512 * 4,
      liveSet: live,
    });
  });

  it('is spared by itself where the run would take more than the budget', () => {
    const { bytes } = plan({ gradient_checkpointing: 'off' });
    expect(plan({}, bytes.total).recomputed).toBe(false);
    expect(plan({}, bytes.total - 1).recomputed).toBe(true);
    expect(plan({ gradient_checkpointing: 'off' }, 0).recomputed).toBe(false);
    expect(plan({}).recomputed).toBe(false);
  });
});
