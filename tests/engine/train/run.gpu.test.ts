import { afterAll, beforeAll, expect, it } from 'vitest';
import type { RunConfig } from '../../../src/config/runConfig';
import { memorySource } from '../../../src/engine/formats/byteSource';
import {
  attachAdapter,
  createTrainer,
  evaluate,
  loadBaseModel,
  logits,
  openDevice,
  readSnapshot,
  writeSnapshot,
  type BaseModel,
  type Snapshot,
} from '../../../src/engine';
import { microBatch, type MicroBatch } from '../../../src/engine/data/batch';
import { initialValues } from '../../../src/engine/adapters/initialise';
import { adapterLayout } from '../../../src/engine/adapters/layout';
import { planTraining } from '../../../src/engine/train/plan';
import { describeGpu, testGpu } from '../../support/dawn';
import { gradientFixture } from '../../support/fixture';
import { randomIntegers } from '../../support/random';
import { testRun } from '../../support/runs';

const ROWS = 24;
/** Of the fixture's model. */
const VOCABULARY = 67;

/** Everything that can go wrong with randomness at once: dropout with a mask per expert, accumulation, clipping. */
const SETTINGS: Partial<RunConfig> = {
  method: 'masa',
  num_experts: 3,
  group_size: 2,
  r: 4,
  lora_dropout: 0.2,
  dropout_mode: 'per_expert',
  learning_rate: 1e-2,
  gradient_accumulation_steps: 2,
  max_grad_norm: 0.5,
  weight_decay: 0.01,
  max_steps: 6,
  warmup_steps: 2,
};

describeGpu('a run', () => {
  let base: BaseModel;

  beforeAll(async () => {
    const { checkpoint } = await gradientFixture('masa');
    base = await loadBaseModel(await openDevice((await testGpu())!), checkpoint);
  });

  afterAll(() => {
    base.destroy();
  });

  function batch(seed: number): MicroBatch {
    const example = (length: number, offset: number) => {
      const ids = Uint32Array.from(randomIntegers(length, VOCABULARY, seed + offset));
      return { ids, train: Uint8Array.from(ids, (_, i) => (i > 2 ? 1 : 0)), task: undefined };
    };
    return microBatch([[example(14, 0), example(9, 1000)]], 1, ROWS);
  }

  const batches = {
    batchFor: (step: number, micro: number) => batch(10 * step + micro),
    validation: [batch(500), batch(501)],
  };

  function trainer(settings: Partial<RunConfig> = {}, resume?: Snapshot) {
    const run = testRun(base.config.layers, ROWS, { ...SETTINGS, ...settings });
    return createTrainer(base, { run, batches, resume });
  }

  async function train(steps: number, settings: Partial<RunConfig> = {}, resume?: Snapshot) {
    const run = await trainer(settings, resume);
    const losses: number[] = [];
    for (let i = 0; i < steps; i++) losses.push((await run.step()).loss);
    const snapshot = await run.snapshot();
    run.destroy();
    return { losses, snapshot };
  }

  it.each(['lora', 'masa'] as const)('starts with %s as the base model, to the bit', async (method) => {
    const config = testRun(base.config.layers, ROWS, { ...SETTINGS, method });
    const values = initialValues(adapterLayout(config, base.config), 1);
    expect(values.some((value) => value !== 0)).toBe(true);
    const adapter = await attachAdapter(base.gpu, base.config, config, values);
    const tokens = Array.from(randomIntegers(19, VOCABULARY, 3));
    expect(await logits(base, tokens, adapter)).toEqual(await logits(base, tokens));
    adapter.destroy();
  });

  it('allocates exactly the planned bytes, whatever the settings', async () => {
    for (const settings of [{}, { method: 'lora' as const }, { dropout_mode: 'shared' as const, r: 3 }]) {
      const run = await trainer({ ...settings, target_modules: ['q_proj', 'down_proj'] });
      expect(run.allocatedBytes).toBe(run.plan.bytes.total);
      run.destroy();
    }
  });

  it('gives the same bits twice, and others with another seed', async () => {
    const first = await train(4);
    const second = await train(4);
    expect(second.losses).toEqual(first.losses);
    expect(second.snapshot.adapter.values).toEqual(first.snapshot.adapter.values);
    const other = await train(4, { seed: 1 });
    expect(other.snapshot.adapter.values).not.toEqual(first.snapshot.adapter.values);
  });

  it('goes on from a saved snapshot as if it had never stopped', async () => {
    const unbroken = await train(5);
    const { snapshot } = await train(2);
    const file = memorySource('snapshot.safetensors', writeSnapshot(snapshot));
    const resumed = await train(3, {}, await readSnapshot(file));
    expect(resumed.losses).toEqual(unbroken.losses.slice(2));
    expect(resumed.snapshot).toEqual(unbroken.snapshot);
  });

  it('goes on with another learning rate as a run does that resumes with it', async () => {
    const learning_rate = SETTINGS.learning_rate! / 4;
    const { snapshot } = await train(2);
    const resumed = await train(2, { learning_rate }, snapshot);
    const run = await trainer();
    for (let i = 0; i < 2; i++) await run.step();
    run.setLearningRate(learning_rate);
    for (let i = 0; i < 2; i++) await run.step();
    const changed = await run.snapshot();
    run.destroy();
    expect(changed).toEqual(resumed.snapshot);
    expect(changed.adapter.values).not.toEqual((await train(4)).snapshot.adapter.values);
  });

  it('is not disturbed by validation, which agrees with an evaluation of the adapter', async () => {
    const plain = await train(3);
    const run = await trainer();
    const before = await run.validate();
    for (let i = 0; i < 3; i++) {
      await run.step();
      await run.validate();
    }
    const after = await run.validate();
    const { config, values } = await run.adapter();
    expect(values).toEqual(plain.snapshot.adapter.values);
    const adapter = await attachAdapter(base.gpu, base.config, config, values);
    const evaluation = await evaluate(base, batches.validation, { adapter });
    expect(evaluation).toEqual(after);
    expect(after.loss).not.toBe(before.loss);
    adapter.destroy();
    run.destroy();
  });

  it('equals LoRA to the bit when MASA has one expert and groups of one layer', async () => {
    const lora = await train(3, { method: 'lora' });
    const masa = await train(3, { method: 'masa', num_experts: 1, group_size: 1 });
    expect(masa.snapshot.adapter.values).toEqual(lora.snapshot.adapter.values);
  });

  it('moves tied experts together under a plain sum', async () => {
    const { snapshot } = await train(4, { lora_dropout: 0, weight_decay: 0 });
    const layout = adapterLayout(snapshot.run, base.config);
    const start = initialValues(layout, snapshot.run.seed);
    const [first, second] = layout.tensors.filter(({ role }) => role === 'A');
    const gap = (values: Float32Array, i: number) => values[first!.offset + i]! - values[second!.offset + i]!;
    const length = first!.shape[0] * first!.shape[1];
    // Both are updated by the same amounts; each f32 update rounds to within 2^-24 of a weight below 1/4.
    for (let i = 0; i < length; i++) {
      expect(Math.abs(gap(snapshot.adapter.values, i) - gap(start, i))).toBeLessThan(4 * 2 ** -24);
    }
    expect(snapshot.adapter.values).not.toEqual(start);
  });

  it('refuses a length beyond the model’s positions with the cure', () => {
    const { config, weights } = base;
    const run = testRun(config.layers, config.maxPositions + 1, SETTINGS);
    const plan = () => planTraining({ config, weights, run, maxBinding: 2 ** 27 });
    expect(plan).toThrow(/^max_length: .*; set it to \d+ or less\.$/);
  });
});
