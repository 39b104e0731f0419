import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openDevice, type GpuDevice } from '../../../src/engine/gpu/device';
import { loadBaseModel } from '../../../src/engine/model/baseModel';
import {
  gradientChecks,
  logitChecks,
  measuredGradientChecks,
  passes,
  trainingChecks,
  type Check,
} from '../../parity/checks';
import { describeGpu, testGpu } from '../../support/dawn';
import { openGradientFixture, openTrainingFixture } from '../../support/fixtureFormat';
import { describePython, runPython } from '../../support/python';

const MINUTES = 60_000;
/** Cases of tests/python/routedFixtures.py on all modules: every method with a router and MASA's mixes, with dropout. */
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
/** Every method and mix × E in 1, 2, 3, 8 × S in 1, 3, L, of those that have them; a choice of experts needs two. */
const GRID = [
  'lora-e1',
  ...['masa-sum', 'masa-mean', 'masa-router', 'masa-router-top', 'hydralora', 'hydralora-top', 'lora-moe']
    .concat('lora-moe-top')
    .flatMap((name) =>
      (name.endsWith('-top') ? [2, 3, 8] : [1, 2, 3, 8]).flatMap((experts) =>
        (name.startsWith('masa') ? ['-s1', '-s3', '-s4'] : ['']).map(
          (group) => `${name}-e${experts}${group}`,
        ),
      ),
    ),
];
/** Every method and mix with every E, and MASA's mixes with every S; with `STEPS` and the fixtures `train…`. */
const COVERING = [
  ...['masa-sum-e1-s4', 'masa-sum-e2-s3', 'masa-sum-e3-s4', 'masa-sum-e8-s1'],
  ...['masa-mean-e1-s1', 'masa-mean-e3-s1', 'masa-mean-e8-s3'],
  ...['masa-router-e1-s3', 'masa-router-e2-s1', 'masa-router-e3-s4', 'masa-router-e8-s3'],
  ...['masa-router-top-e2-s1', 'masa-router-top-e8-s4'],
  ...['hydralora-e1', 'hydralora-e2', 'hydralora-e8', 'hydralora-top-e8'],
  ...['lora-moe-e1', 'lora-moe-e3', 'lora-moe-e8', 'lora-moe-top-e3', 'lora-moe-top-e8'],
];

describePython('adapters with several experts', () => {
  describeGpu('against PyTorch', () => {
    const folder = mkdtempSync(join(tmpdir(), 'masa-routed-'));
    const read = (path: string) => new Uint8Array(readFileSync(join(folder, path)));
    let gpu: GpuDevice;

    beforeAll(async () => {
      runPython('tests/python/routedFixtures.py', [folder]);
      gpu = await openDevice((await testGpu())!);
    }, 15 * MINUTES); // of which Python takes one where nothing else runs
    afterAll(() => {
      rmSync(folder, { recursive: true });
    });

    it('are all there', () => {
      const names = (of: string) => readdirSync(join(folder, of)).toSorted();
      expect(names('.')).toEqual([...GRADIENTS, ...STEPS, 'grid', 'steps'].toSorted());
      expect(names('grid')).toEqual(GRID.toSorted());
      expect(names('steps')).toEqual(COVERING.toSorted());
    });

    it.each(GRADIENTS)('have the loss, logits and every gradient of "%s"', async (name) => {
      const fixture = await openGradientFixture(name, read);
      const base = await loadBaseModel(gpu, fixture.checkpoint);
      expectAll(await gradientChecks(base, fixture));
      if (fixture.adapter.lora_dropout === 0) expectAll(await logitChecks(base, fixture));
      expect(gpu.firstError()).toBeUndefined();
      base.destroy();
    });

    it.each(GRID)('have every gradient of "%s"', async (name) => {
      const fixture = await openGradientFixture(`grid/${name}`, read);
      const base = await loadBaseModel(gpu, fixture.checkpoint);
      expectAll(await gradientChecks(base, fixture));
      expect(gpu.firstError()).toBeUndefined();
      base.destroy();
    });

    it.each(['masa-sum-e3-s3', 'masa-router-e8-s4', 'hydralora-e2', 'lora-moe-top-e3'])(
      'have the gradient that is measured beside a run of "%s"',
      async (name) => {
        const fixture = await openGradientFixture(`grid/${name}`, read);
        const base = await loadBaseModel(gpu, fixture.checkpoint);
        expectAll(await measuredGradientChecks(base, fixture));
        base.destroy();
      },
    );

    it.each([...STEPS, ...COVERING.map((name) => `steps/${name}`)])(
      'take ten AdamW steps as PyTorch does in "%s"',
      async (name) => {
        const fixture = await openTrainingFixture(name, read);
        const base = await loadBaseModel(gpu, fixture.checkpoint);
        expectAll(await trainingChecks(base, fixture));
        expect(gpu.firstError()).toBeUndefined();
        base.destroy();
      },
    );
  });
});

function expectAll(checks: readonly Check[]): void {
  expect(checks.length).toBeGreaterThan(0);
  expect(checks.filter((check) => !passes(check))).toEqual([]);
}
