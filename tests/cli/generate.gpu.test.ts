import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { masa, masaJson, temporaryFolder } from '../support/cli';
import { describeGpu } from '../support/dawn';
import { readLogits } from '../support/pythonLogits';
import { hasSharedData, sharedData } from '../support/sharedData';

const stories = sharedData('checkpoints/stories260K/stories260K.bin');
const story = sharedData('checkpoints/story-llama-hf');
const text = sharedData('datasets/tinystories/tinystories_sample.txt');

describeGpu('the command', () => {
  const folder = temporaryFolder();

  test('info names the adapter, its features and its limits', async () => {
    const { adapter, features, limits } = (await masaJson(['info'])) as Record<
      string,
      Record<string, unknown>
    >;
    expect(adapter?.['name']).toBeTypeOf('string');
    expect(adapter?.['fallback']).toBeTypeOf('boolean');
    expect(features).toBeInstanceOf(Array);
    expect(limits?.['maxStorageBufferBindingSize']).toBeGreaterThan(0);
    expect((await masa(['info'])).out).toContain('maxStorageBufferBindingSize = ');
  });

  test.skipIf(!hasSharedData)('generate tells the story that llama2.c tells', async () => {
    const argv = ['generate', '--model', stories, '--prompt', '', '--temperature', '0'];
    const { ids, text: told } = await masaJson([...argv, '--max-new-tokens', '60']);
    expect((ids as number[]).slice(0, 12)).toEqual([
      403, 407, 261, 378, 432, 383, 286, 261, 376, 298, 315, 421,
    ]);
    expect(told).toMatch(/^Once upon a time, there was a little girl named Lily\. She loved to play outside/);
    const streamed = await masa([...argv, '--max_new_tokens', '60']);
    expect(streamed.out).toBe(`${told as string}\n`);
  });

  test.skipIf(!hasSharedData)(
    'generate continues a prompt with new tokens only, sampled by the seed',
    async () => {
      const argv = ['generate', '--model', story, '--prompt', 'Once upon a time', '--max_new_tokens', '8'];
      const sample = ['--temperature', '1', '--top_k', '50', '--top_p', '0.95', '--seed'];
      const greedy = await masaJson(argv);
      expect(greedy['ids']).toHaveLength(8);
      expect(greedy['text']).not.toContain('Once upon a time');
      const seven = await masaJson([...argv, ...sample, '7']);
      expect(await masaJson([...argv, ...sample, '7'])).toEqual(seven);
      expect((await masaJson([...argv, ...sample, '8']))['ids']).not.toEqual(seven['ids']);
    },
  );

  test.skipIf(!hasSharedData)(
    'logits writes one F32 tensor [T, V] whose likeliest token generate takes',
    async () => {
      const out = join(folder, 'logits.safetensors');
      const document = await masaJson(['logits', '--model', stories, '--tokens', '1,403,407', '--out', out]);
      expect(document).toEqual({ out, tensor: 'logits', dtype: 'F32', shape: [3, 512] });
      const values = await readLogits(out);
      const likeliest = [0, 1, 2].map((row) => {
        const logits = [...values.subarray(row * 512, (row + 1) * 512)];
        return logits.indexOf(Math.max(...logits));
      });
      expect(likeliest).toEqual([403, 407, 261]);
    },
  );

  test.skipIf(!hasSharedData)('eval scores a text whole, or in windows', async () => {
    const argv = ['eval', '--model', story, '--data', text];
    const whole = await masaJson(argv);
    expect(whole['perplexity']).toBeCloseTo(Math.exp(whole['loss'] as number), 9);
    const windows = await masaJson([...argv, '--max_length', '512']);
    // Every token but BOS is scored once, however the text is cut.
    expect(windows['tokens']).toBe(whole['tokens']);
    expect(windows['loss']).not.toBe(whole['loss']);
    expect(readFileSync(text, 'utf8').length).toBeGreaterThan(whole['tokens'] as number);
  });
});
