import { mkdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openFolder } from '../../../src/cli/files';
import { loadBaseModel, logits, openDevice, type GpuDevice } from '../../../src/engine';
import { openHfCheckpoint } from '../../../src/engine/formats/hfCheckpoint';
import { assertClose } from '../../reference/compare';
import { crossEntropy } from '../../reference/crossEntropy';
import { describeGpu, testGpu } from '../../support/dawn';
import { describePython } from '../../support/python';
import { pythonLogits, type PythonLogits } from '../../support/pythonLogits';
import { randomIntegers } from '../../support/random';
import { RANDOM_LLAMAS, writeRandomLlamas } from '../../support/randomLlama';
import { hasSharedData, sharedData } from '../../support/sharedData';

/**
 * What the product promises. Both sides compute in f32 from the same stored weights, whatever their dtype; with
 * logits of up to about 20 that is 5e-6 of the largest, some forty roundings.
 */
const PROMISED = { maxAbs: 1e-4 };

/** Below the vocabulary of every model here; an odd number of rows, more than one tile of them. */
const ids = Array.from(randomIntegers(75, 100, 1));

describePython('logits and loss equal those of transformers', () => {
  describeGpu('on the GPU', () => {
    const root = join(tmpdir(), `masa-logits-${process.pid}`);
    const models = RANDOM_LLAMAS.map((llama, i) => ({ ...llama, folder: join(root, String(i)) }));
    const trained = sharedData('checkpoints/story-llama-hf');
    let theirs = new Map<string, PythonLogits>();
    let gpu: GpuDevice;

    beforeAll(async () => {
      mkdirSync(root);
      writeRandomLlamas(models);
      const folders = models.map(({ folder }) => folder).concat(hasSharedData ? [trained] : []);
      const results = await pythonLogits(
        folders.map((model, i) => ({ model, ids, out: join(root, `${i}.safetensors`) })),
      );
      theirs = new Map(folders.map((folder, i) => [folder, results[i]!]));
      gpu = await openDevice((await testGpu())!);
    });
    afterAll(() => {
      rmSync(root, { recursive: true });
    });

    async function check(folder: string): Promise<void> {
      const base = await loadBaseModel(gpu, await openHfCheckpoint(await openFolder(folder)));
      const ours = await logits(base, ids);
      base.destroy();
      const expected = theirs.get(folder)!;
      assertClose(ours, expected.logits, PROMISED, 'logits');
      const { lossSum, counted } = crossEntropy(Float64Array.from(ours), [...ids.slice(1), -100], 1);
      expect(Math.abs(lossSum / counted - expected.loss)).toBeLessThan(PROMISED.maxAbs);
    }

    for (const { name, folder } of models) it(`on a random LLaMA: ${name}`, () => check(folder));
    it.skipIf(!hasSharedData)('on a trained checkpoint', () => check(trained));
  });
});
