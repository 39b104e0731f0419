import { mkdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, it } from 'vitest';
import { openFolder } from '../../src/cli/files';
import { openHfCheckpoint } from '../../src/engine/formats/hfCheckpoint';
import { referenceWeights } from '../support/fixture';
import { packedRows } from '../support/packing';
import { describePython } from '../support/python';
import { pythonLogits, type PythonLogits } from '../support/pythonLogits';
import { randomIntegers } from '../support/random';
import { RANDOM_LLAMAS, writeRandomLlamas } from '../support/randomLlama';
import { hasSharedData, sharedData } from '../support/sharedData';
import { assertClose } from './compare';
import { crossEntropy } from './crossEntropy';
import { llamaLogits } from './llama';

/** transformers computes in float32; see fixtures.test.ts. 48 positions here, so the same bound holds. */
const FLOAT32 = { maxRel: 1e-5 };

/** Below the vocabulary of every model here. */
const ids = Array.from(randomIntegers(48, 100, 1));

describePython('float64 reference agrees with transformers, read from disk', () => {
  const root = join(tmpdir(), `masa-reference-${process.pid}`);
  const models = RANDOM_LLAMAS.map((llama, i) => ({ ...llama, folder: join(root, String(i)) }));
  const trained = sharedData('checkpoints/story-llama-hf');
  let theirs = new Map<string, PythonLogits>();

  beforeAll(async () => {
    mkdirSync(root);
    writeRandomLlamas(models);
    const folders = models.map(({ folder }) => folder).concat(hasSharedData ? [trained] : []);
    const results = await pythonLogits(
      folders.map((model, i) => ({ model, ids, out: join(root, `${i}.safetensors`) })),
    );
    theirs = new Map(folders.map((folder, i) => [folder, results[i]!]));
  });
  afterAll(() => {
    rmSync(root, { recursive: true });
  });

  async function check(folder: string): Promise<void> {
    const checkpoint = await openHfCheckpoint(await openFolder(folder));
    const targets = [...ids.slice(1), -100];
    const weights = await referenceWeights(checkpoint);
    const batch = { tokens: ids, targets, ...packedRows([ids.length]) };
    const logits = llamaLogits({ config: checkpoint.config, weights }, batch);
    const expected = theirs.get(folder)!;
    assertClose(logits, expected.logits, FLOAT32, 'logits');
    const { lossSum, counted } = crossEntropy(logits, targets, 1);
    assertClose([lossSum / counted], [expected.loss], FLOAT32, 'loss');
  }

  for (const { name, folder } of models) it(`on a random LLaMA: ${name}`, () => check(folder));
  it.skipIf(!hasSharedData)('on a trained checkpoint', () => check(trained));
});
