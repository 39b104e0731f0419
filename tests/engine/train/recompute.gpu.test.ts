import { afterAll, beforeAll, expect, it } from 'vitest';
import type { RunConfig } from '../../../src/config/runConfig';
import { createTrainer, loadBaseModel, openDevice, type BaseModel, type Snapshot } from '../../../src/engine';
import { microBatch } from '../../../src/engine/data/batch';
import { describeGpu, testGpu } from '../../support/dawn';
import { gradientFixture } from '../../support/fixture';
import { randomIntegers } from '../../support/random';
import { testRun } from '../../support/runs';

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

  async function train(settings: Partial<RunConfig>, steps = 3, resume?: Snapshot) {
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
    const trainer = await createTrainer(base, { run, batches, resume });
    expect(trainer.allocatedBytes).toBe(trainer.plan.bytes.total);
    const metrics: number[] = [];
    await trainer.steps(steps, ({ loss, grad_norm }) => {
      metrics.push(loss, grad_norm);
    });
    metrics.push((await trainer.validate()).loss);
    const snapshot = await trainer.snapshot();
    const { bytes, recomputed } = trainer.plan;
    trainer.destroy();
    const { adapter, m, v } = snapshot;
    return { bytes, recomputed, snapshot, result: { metrics, values: adapter.values, m, v } };
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
    [
      'routed experts, two of three, with balance and a mask per expert',
      {
        method: 'lora_moe',
        num_experts: 3,
        top_k: 2,
        router_aux_loss_coef: 0.1,
        lora_dropout: 0.2,
        dropout_mode: 'per_expert',
      },
    ],
    ['LoRA on q alone', { method: 'lora', target_modules: ['q_proj'] }],
  ])('gives the same bits in less memory: %s', async (_name, settings) => {
    const off = await train({ ...settings, gradient_checkpointing: 'off' });
    const on = await train({ ...settings, gradient_checkpointing: 'on' });
    expect([off.recomputed, on.recomputed]).toEqual([false, true]);
    expect(on.result).toEqual(off.result);
    expect(on.bytes.activations).toBeLessThan(off.bytes.activations);
  });

  it('may be turned on where a run goes on', async () => {
    const off = await train({ lora_dropout: 0.2, gradient_checkpointing: 'off' });
    const half = await train({ lora_dropout: 0.2, gradient_checkpointing: 'off' }, 2);
    const on = await train({ lora_dropout: 0.2, gradient_checkpointing: 'on' }, 3, half.snapshot);
    expect(on.result.values).toEqual(off.result.values);
    expect(on.result.metrics.at(-1)).toBe(off.result.metrics.at(-1));
  });
});
