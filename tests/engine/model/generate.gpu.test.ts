import { beforeAll, expect, it } from 'vitest';
import { openBeside, openPath } from '../../../src/cli/files';
import { openDevice, type GpuDevice } from '../../../src/engine/gpu/device';
import { openLlama2c } from '../../../src/engine/formats/llama2c';
import type { ByteSource } from '../../../src/engine/formats/byteSource';
import { loadBaseModel, type BaseModel } from '../../../src/engine/model/baseModel';
import { createGenerator, type Generator } from '../../../src/engine/model/generate';
import { describeGpu, testGpu } from '../../support/dawn';
import { hasSharedData, sharedData } from '../../support/sharedData';

/** First tokens of llama2.c's own greedy decoding of stories260K from BOS. */
const GREEDY = [403, 407, 261, 378, 432, 383, 286, 261, 376, 298, 315, 421];

describeGpu('generation on stories260K', () => {
  let gpu: GpuDevice;
  let base: BaseModel;
  let generator: Generator;

  beforeAll(async () => {
    if (!hasSharedData) return;
    gpu = await openDevice((await testGpu())!);
    const path = sharedData('checkpoints/stories260K/stories260K.bin');
    const [file, beside] = await Promise.all([openPath(path), openBeside(path)]);
    base = await loadBaseModel(gpu, await openLlama2c(file as ByteSource, beside));
    generator = await createGenerator(base, 256);
  });

  async function continuation(prompt: readonly number[], max_new_tokens: number, temperature = 0, seed = 1) {
    const ids: number[] = [];
    for await (const id of generator.generate(prompt, { max_new_tokens, temperature, seed })) ids.push(id);
    return ids;
  }

  it.skipIf(!hasSharedData)('continues BOS greedily with the reference ids, in English', async () => {
    const ids = await continuation([1], 60);
    expect(ids.slice(0, GREEDY.length)).toEqual(GREEDY);
    expect(base.tokenizer?.decode(ids)).toMatch(/^Once upon a time, there was a little girl/);
  });

  it.skipIf(!hasSharedData)(
    'gives the same ids when the prompt goes through the model in blocks',
    async () => {
      const ids = await continuation([1], 50);
      // 40 tokens are two whole blocks of the prompt pass and eight single tokens.
      expect(await continuation([1, ...ids.slice(0, 39)], 11)).toEqual(ids.slice(39));
    },
  );

  it.skipIf(!hasSharedData)('repeats a sampled text with its seed and changes it with another', async () => {
    const first = await continuation([1], 30, 1, 7);
    expect(await continuation([1], 30, 1, 7)).toEqual(first);
    expect(await continuation([1], 30, 1, 8)).not.toEqual(first);
  });

  it.skipIf(!hasSharedData)(
    'stops where its context is full, and refuses a prompt that fills it',
    async () => {
      const short = await createGenerator(base, 20);
      const ids: number[] = [];
      const options = { max_new_tokens: 50, temperature: 0, seed: 1 };
      for await (const id of short.generate([1, ...GREEDY, 395, 317], options)) ids.push(id);
      expect(ids).toHaveLength(5);
      await expect(short.generate(Array<number>(20).fill(1), options).next()).rejects.toThrow(
        'prompt: it has 20 tokens and the context holds 20; shorten it.',
      );
      short.destroy();
    },
  );

  it.skipIf(!hasSharedData)('refuses a second text while it is in the middle of one', async () => {
    const options = { max_new_tokens: 3, temperature: 0, seed: 1 };
    const first = generator.generate([1], options);
    await first.next();
    await expect(generator.generate([1], options).next()).rejects.toThrow(/middle of another text/);
    await first.return();
    expect((await generator.generate([1], options).next()).value).toBe(GREEDY[0]);
  });
});
