import { expect, it } from 'vitest';
import { attachAdapter } from '../../../src/engine/adapters/attach';
import { openDevice } from '../../../src/engine/gpu/device';
import { loadBaseModel, type BaseModel } from '../../../src/engine/model/baseModel';
import { readFloats } from '../../../src/engine/gpu/readback';
import { completePlan, openWorkspace } from '../../../src/engine/gpu/workspace';
import { planActivations } from '../../../src/engine/model/activations';
import { forward, forwardBuffers, head, INPUT } from '../../../src/engine/model/forward';
import { ropeTable } from '../../../src/engine/model/ropeTable';
import { createTrainer } from '../../../src/engine/train/trainer';
import { writeBatch } from '../../../src/engine/train/writeBatch';
import { assertClose } from '../../reference/compare';
import { describeGpu, testGpu } from '../../support/dawn';
import {
  GRADIENT_FIXTURES,
  gradientFixture,
  TRAINING_FIXTURES,
  trainingFixture,
  type GradientFixture,
} from '../../support/fixture';
import { engineBatch, engineGradient, testRun } from '../../support/runs';

/**
 * The whole model on the GPU against PyTorch's autograd. Both sides compute in f32 and sum in different orders;
 * over these sizes (sums of at most 100 terms, at most 5 layers) that gives differences of some 1e-6 relative to
 * the largest value. 1e-4 is what the product promises; a wrong term shows as 1e-2 or more.
 */
const PROMISED = 1e-4;

describeGpu('the model against PyTorch', () => {
  it.each(GRADIENT_FIXTURES)('gives the loss and every adapter gradient of "%s"', async (name) => {
    const fixture = await gradientFixture(name);
    const base = await load(fixture);
    const batch = engineBatch(fixture.batch);
    const run = testRun(base.config.layers, batch.tokens.length, fixture.adapter);
    const { step, micro } = fixture;
    const result = await engineGradient(base, run, batch, fixture.values, { step, micro });
    expect(Math.abs(result.loss - fixture.loss)).toBeLessThan(PROMISED);
    for (const tensor of fixture.layout.tensors) {
      const length = tensor.shape[0] * tensor.shape[1];
      const part = (values: Float32Array) => values.subarray(tensor.offset, tensor.offset + length);
      assertClose(part(result.gradient), part(fixture.gradient), { maxRel: PROMISED }, tensor.name);
    }
    expect(base.gpu.firstError()).toBeUndefined();
    base.destroy();
  });

  it.each(GRADIENT_FIXTURES.filter((name) => !name.includes('dropout')))(
    'gives the logits of packed examples of "%s"',
    async (name) => {
      const fixture = await gradientFixture(name);
      const base = await load(fixture);
      assertClose(await packedLogits(base, fixture), fixture.logits, { maxAbs: PROMISED }, 'logits');
      base.destroy();
    },
  );

  it.each(TRAINING_FIXTURES)('takes ten AdamW steps as PyTorch does in "%s"', async (name) => {
    const fixture = await trainingFixture(name);
    const base = await load(fixture);
    const rows = Math.max(
      ...fixture.steps.flatMap(({ batches }) => batches.map(({ tokens }) => tokens.length)),
    );
    const run = testRun(base.config.layers, rows, {
      ...fixture.adapter,
      ...fixture.training,
      gradient_accumulation_steps: fixture.steps[0]!.batches.length,
    });
    const trainer = await createTrainer(base, {
      run,
      values: fixture.values,
      batches: {
        batchFor: (step, micro) => engineBatch(fixture.steps[step]!.batches[micro]!, rows),
        validation: [],
      },
    });
    for (const expected of fixture.steps) {
      const { loss, grad_norm, learning_rate } = await trainer.step();
      expect(Math.abs(loss - expected.loss)).toBeLessThan(PROMISED);
      expect(Math.abs(grad_norm / expected.gradNorm - 1)).toBeLessThan(PROMISED);
      expect(learning_rate).toBeCloseTo(expected.learningRate, 12);
    }
    assertClose((await trainer.adapter()).values, fixture.final, { maxRel: 1e-3 }, 'adapter after ten steps');
    trainer.destroy();
    base.destroy();
  });
});

async function load({ checkpoint }: Pick<GradientFixture, 'checkpoint'>): Promise<BaseModel> {
  return loadBaseModel(await openDevice((await testGpu())!), checkpoint);
}

/** Logits of a batch of packed examples, with the fixture's adapter. */
async function packedLogits(base: BaseModel, fixture: GradientFixture): Promise<Float32Array> {
  const { config, weights, gpu } = base;
  const batch = engineBatch(fixture.batch);
  const rows = batch.tokens.length;
  const maxBinding = gpu.device.limits.maxStorageBufferBindingSize;
  const adapter = await attachAdapter(gpu, config, fixture.adapter, fixture.values);
  const activations = planActivations(config, rows, false);
  const pass = { config, weights, activations, adapter: adapter.hook(rows), maxBinding };
  const plan = completePlan(
    [
      ...forwardBuffers(config, rows, rows),
      ...activations.buffers,
      ...adapter.scratch(rows),
      { name: INPUT.targets.buffer, bytes: rows * 4, part: 'io' },
      { name: 'logits', bytes: rows * config.vocabSize * 4, part: 'io' },
    ],
    { logits: [...forward(pass), ...head(pass, 0, rows, { buffer: 'logits' })] },
  );
  const shared = (name: string) => base.buffer(name) ?? adapter.buffer(name);
  const workspace = await openWorkspace(gpu, plan, { shared });
  workspace.write(INPUT.ropeTable.buffer, ropeTable(config, rows));
  writeBatch(workspace, batch);
  workspace.run(['logits'], {});
  const logits = await readFloats(gpu.device, workspace.buffer('logits'));
  workspace.destroy();
  adapter.destroy();
  return logits;
}
