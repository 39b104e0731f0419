import { afterAll, beforeAll, expect, it } from 'vitest';
import type { RunConfig } from '../../../src/config/runConfig';
import { createTrainer, loadBaseModel, openDevice, type BaseModel } from '../../../src/engine';
import { adapterLayout } from '../../../src/engine/adapters/layout';
import { microBatch } from '../../../src/engine/data/batch';
import { describeGpu, testGpu } from '../../support/dawn';
import { gradientFixture } from '../../support/fixture';
import { randomIntegers } from '../../support/random';
import { engineGradient, testRun } from '../../support/runs';

const ROWS = 16;
/** Of the fixture's model. */
const VOCABULARY = 67;
/** Sums of a few hundred f32 squares in another order, and f32 weights that a small update was added to. */
const TOLERANCE = 1e-4;

const SETTINGS: Partial<RunConfig> = { r: 4, learning_rate: 1e-2, warmup_steps: 0, max_grad_norm: 0.1 };

/** A sum, whose experts share one gradient; a mask each; routers; one pair; with and without weight decay. */
const CASES: readonly (readonly [string, Partial<RunConfig>])[] = [
  ['MASA', { method: 'masa', num_experts: 3, group_size: 2, weight_decay: 0.1 }],
  [
    'MASA with a mask per expert',
    { method: 'masa', num_experts: 2, group_size: 2, lora_dropout: 0.2, dropout_mode: 'per_expert' },
  ],
  ['LoRA-MoE', { method: 'lora_moe', num_experts: 3, weight_decay: 0.1 }],
  ['HydraLoRA', { method: 'hydralora', num_experts: 2 }],
  ['LoRA', { method: 'lora' }],
];

describeGpu('norms by block', () => {
  let base: BaseModel;

  beforeAll(async () => {
    const { checkpoint } = await gradientFixture('masa');
    base = await loadBaseModel(await openDevice((await testGpu())!), checkpoint);
  });

  afterAll(() => {
    base.destroy();
  });

  function batch(seed: number) {
    const ids = Uint32Array.from(randomIntegers(ROWS, VOCABULARY, seed));
    return microBatch([[{ ids, train: Uint8Array.from(ids, () => 1), task: undefined }]], 1, ROWS);
  }

  function open(run: RunConfig) {
    return createTrainer(base, { run, batches: { batchFor: batch, validation: [] } });
  }

  const settings = (changes: Partial<RunConfig>) =>
    testRun(base.config.layers, ROWS, { ...SETTINGS, ...changes });

  it.for(CASES)('of %s are those of the gradient and of what the step changed', async ([, changes]) => {
    const run = settings(changes);
    const { tensors } = adapterLayout(run, base.config);
    const trainer = await open(run);
    expect(await trainer.blockNorms()).toEqual([]);
    await trainer.step();
    await trainer.step();
    const before = (await trainer.adapter()).values;
    const { gradient } = await engineGradient(base, run, batch(2), before, {
      seed: run.seed,
      step: 2,
      invTokens: 1 / batch(2).counted,
    });
    const { grad_norm } = await trainer.step();
    const after = (await trainer.adapter()).values;
    const change = Float64Array.from(after, (value, at) => value - before[at]!);
    const norms = await trainer.blockNorms();
    trainer.destroy();
    expect(norms.map(({ name }) => name)).toEqual(tensors.map(({ name }) => name));
    tensors.forEach(({ offset, shape }, index) => {
      const of = (values: ArrayLike<number>) =>
        Math.hypot(...Array.from({ length: shape[0] * shape[1] }, (_, at) => values[offset + at]!));
      const found = norms[index]!;
      expect(Math.abs(found.gradient / of(gradient) - 1)).toBeLessThan(TOLERANCE);
      expect(Math.abs(found.update / of(change) - 1)).toBeLessThan(TOLERANCE);
    });
    const whole = Math.hypot(...norms.map((norm) => norm.gradient));
    expect(Math.abs(whole / grad_norm - 1)).toBeLessThan(TOLERANCE);
  });

  it('leave the bits of the run alone', async () => {
    const run = settings({ method: 'masa', num_experts: 2, group_size: 2, weight_decay: 0.1 });
    const train = async (watched: boolean) => {
      const trainer = await open(run);
      const losses: number[] = [];
      for (let step = 0; step < 4; step++) {
        losses.push((await trainer.step()).loss);
        if (watched) await trainer.blockNorms();
      }
      const { adapter, m, v } = await trainer.snapshot();
      trainer.destroy();
      return { losses, values: adapter.values, m, v };
    };
    expect(await train(true)).toEqual(await train(false));
  });

  it('of a run that goes on from a snapshot wait for its first step', async () => {
    const run = settings({ method: 'lora' });
    const first = await open(run);
    await first.step();
    const resume = await first.snapshot();
    first.destroy();
    const trainer = await createTrainer(base, { run, batches: { batchFor: batch, validation: [] }, resume });
    expect(await trainer.blockNorms()).toEqual([]);
    await trainer.step();
    const norms = await trainer.blockNorms();
    trainer.destroy();
    expect(norms.every(({ gradient, update }) => gradient > 0 && update > 0)).toBe(true);
  });
});
