import { expect, it } from 'vitest';
import { openDevice } from '../../../src/engine/gpu/device';
import { loadBaseModel, type BaseModel } from '../../../src/engine/model/baseModel';
import { gradientChecks, logitChecks, passes, trainingChecks, type Check } from '../../parity/checks';
import { describeGpu, testGpu } from '../../support/dawn';
import { gradientFixture, trainingFixture } from '../../support/fixture';
import {
  GRADIENT_FIXTURES,
  ROUTED_GRADIENT_FIXTURES,
  ROUTED_TRAINING_FIXTURES,
  TRAINING_FIXTURES,
  type GradientFixture,
} from '../../support/fixtureFormat';

const GRADIENTS = [...GRADIENT_FIXTURES, ...ROUTED_GRADIENT_FIXTURES];
const STEPS = [...TRAINING_FIXTURES, ...ROUTED_TRAINING_FIXTURES];

/** On the adapter that this machine prefers; tests/parity runs the same checks on others and in other ways. */
describeGpu('the model against PyTorch', () => {
  it.each(GRADIENTS)('gives the loss and every adapter gradient of "%s"', async (name) => {
    const fixture = await gradientFixture(name);
    const base = await load(fixture);
    expectAll(await gradientChecks(base, fixture));
    expect(base.gpu.firstError()).toBeUndefined();
    base.destroy();
  });

  it.each(GRADIENTS.filter((name) => !name.includes('dropout')))(
    'gives the logits of packed examples of "%s"',
    async (name) => {
      const fixture = await gradientFixture(name);
      const base = await load(fixture);
      expectAll(await logitChecks(base, fixture));
      base.destroy();
    },
  );

  it.each(STEPS)('takes ten AdamW steps as PyTorch does in "%s"', async (name) => {
    const fixture = await trainingFixture(name);
    const base = await load(fixture);
    expectAll(await trainingChecks(base, fixture));
    base.destroy();
  });
});

async function load({ checkpoint }: Pick<GradientFixture, 'checkpoint'>): Promise<BaseModel> {
  return loadBaseModel(await openDevice((await testGpu())!), checkpoint);
}

function expectAll(checks: readonly Check[]): void {
  expect(checks.length).toBeGreaterThan(0);
  expect(checks.filter((check) => !passes(check))).toEqual([]);
}
