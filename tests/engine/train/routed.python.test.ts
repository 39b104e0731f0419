import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openDevice, type GpuDevice } from '../../../src/engine/gpu/device';
import { loadBaseModel } from '../../../src/engine/model/baseModel';
import { gradientChecks, logitChecks, passes, trainingChecks, type Check } from '../../parity/checks';
import { describeGpu, testGpu } from '../../support/dawn';
import { openGradientFixture, openTrainingFixture } from '../../support/fixtureFormat';
import { describePython, runPython } from '../../support/python';

/** Cases of tests/python/routedFixtures.py: every method with a router and MASA's mixes; E in 1, 2, 3, 8; S in 1, 3, L. */
const GRADIENTS = [
  'masa-sum',
  'masa-mean',
  'masa-router',
  'masa-router-top',
  'masa-router-masks',
  'hydralora',
  'hydralora-top-heads',
  'hydralora-masked',
  'lora-moe',
  'lora-moe-one',
  'lora-moe-top-masked',
  'lora-moe-top-masks',
];
const STEPS = [
  'train-masa-mean',
  'train-masa-router-top',
  'train-hydralora',
  'train-hydralora-top',
  'train-lora-moe',
];

describePython('adapters with several experts', () => {
  describeGpu('against PyTorch', () => {
    const folder = mkdtempSync(join(tmpdir(), 'masa-routed-'));
    const read = (path: string) => new Uint8Array(readFileSync(join(folder, path)));
    let gpu: GpuDevice;

    beforeAll(async () => {
      runPython('tests/python/routedFixtures.py', [folder]);
      gpu = await openDevice((await testGpu())!);
    });
    afterAll(() => {
      rmSync(folder, { recursive: true });
    });

    it('are all there', () => {
      expect(readdirSync(folder).toSorted()).toEqual([...GRADIENTS, ...STEPS].toSorted());
    });

    it.each(GRADIENTS)('have the loss, logits and every gradient of "%s"', async (name) => {
      const fixture = await openGradientFixture(name, read);
      const base = await loadBaseModel(gpu, fixture.checkpoint);
      expectAll(await gradientChecks(base, fixture));
      if (fixture.adapter.lora_dropout === 0) expectAll(await logitChecks(base, fixture));
      expect(gpu.firstError()).toBeUndefined();
      base.destroy();
    });

    it.each(STEPS)('take ten AdamW steps as PyTorch does in "%s"', async (name) => {
      const fixture = await openTrainingFixture(name, read);
      const base = await loadBaseModel(gpu, fixture.checkpoint);
      expectAll(await trainingChecks(base, fixture));
      expect(gpu.firstError()).toBeUndefined();
      base.destroy();
    });
  });
});

function expectAll(checks: readonly Check[]): void {
  expect(checks.length).toBeGreaterThan(0);
  expect(checks.filter((check) => !passes(check))).toEqual([]);
}
