import { expect, it } from 'vitest';
import { attachAdapter, loadBaseModel, openDevice } from '../../../src/engine';
import { adapterGradient } from '../../../src/engine/analysis/features/gradients';
import { measuredGradientChecks, passes } from '../../parity/checks';
import { describeGpu, testGpu } from '../../support/dawn';
import { gradientFixture } from '../../support/fixture';
import { engineBatch, engineGradient, testRun } from '../../support/runs';

describeGpu('the gradient that is measured beside a run', () => {
  it.each(['lora', 'masa'] as const)('is that of PyTorch for "%s"', async (name) => {
    const fixture = await gradientFixture(name);
    const base = await loadBaseModel(await openDevice((await testGpu())!), fixture.checkpoint);
    const checks = await measuredGradientChecks(base, fixture);
    expect(checks).toHaveLength(fixture.layout.tensors.length);
    expect(checks.filter((check) => !passes(check))).toEqual([]);
    base.destroy();
  });

  it('has the masks of the first micro-batch of the next step, to the bit', async () => {
    const { checkpoint, adapter, values, ...fixture } = await gradientFixture('masa-dropout-per-expert');
    const base = await loadBaseModel(await openDevice((await testGpu())!), checkpoint);
    const batch = engineBatch(fixture.batch);
    const attached = await attachAdapter(base.gpu, base.config, adapter, values);
    const masks = { seed: adapter.seed, step: 4 };
    const measured = await adapterGradient(base, adapter, attached, batch, masks);
    const run = testRun(base.config.layers, batch.tokens.length, adapter);
    const trained = await engineGradient(base, run, batch, values, { step: 4, micro: 0 });
    expect(measured).toEqual(trained.gradient);
    const other = await engineGradient(base, run, batch, values, { step: 5, micro: 0 });
    expect(measured).not.toEqual(other.gradient);
    attached.destroy();
    base.destroy();
  });
});
