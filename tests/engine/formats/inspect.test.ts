import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { openBeside, openFolder, openPath } from '../../../src/cli/files';
import { UserError } from '../../../src/config/errors';
import { writeNativeAdapter } from '../../../src/engine/export/nativeAdapter';
import { writePeft } from '../../../src/engine/export/peft';
import { inspect } from '../../../src/engine/formats/inspect';
import { fileSet, fileSource } from '../../support/fileSet';
import { hasSharedData, sharedData } from '../../support/sharedData';
import { makeAdapter } from '../export/adapters';

describe('inspect', () => {
  test('describes the adapters that this program writes', async () => {
    const native = { 'adapter_native.safetensors': writeNativeAdapter(makeAdapter()), 'run.json': '{}' };
    expect(await inspect(fileSet(native))).toMatchObject({
      kind: 'native-adapter',
      usable: true,
      problems: [],
    });
    const renamed = fileSource('mine.safetensors', native['adapter_native.safetensors']);
    expect(await inspect(renamed)).toMatchObject({ kind: 'native-adapter', usable: true });
    const peft = await inspect(fileSet(Object.fromEntries(writePeft(makeAdapter(), 'org/tiny-mistral'))));
    expect(peft).toMatchObject({ kind: 'peft-adapter', usable: true, problems: [] });
    expect(peft?.details).toMatchObject({
      r: 2,
      layers: 5,
      target_modules: ['q_proj', 'o_proj', 'down_proj'],
      widths: { down_proj: { in: 12, out: 8 } },
    });
  });

  test('leaves data files to others', async () => {
    expect(await inspect(fileSource('a.jsonl', '{"text":"x"}\n'))).toBeUndefined();
    expect(
      await inspect(fileSource('a.txt', 'Once upon a time, in a land far away, and so on.')),
    ).toBeUndefined();
    expect(await inspect(fileSet({ 'a.txt': 'x' }))).toBeUndefined();
  });

  test('survives a GGUF file that ends in the middle of its header', async () => {
    const bytes = new Uint8Array(40).fill(255);
    bytes.set([0x47, 0x47, 0x55, 0x46, 3, 0, 0, 0]);
    expect(await inspect(fileSource('x.gguf', bytes))).toMatchObject({ kind: 'gguf', usable: false });
  });
});

describe.skipIf(!hasSharedData)('inspect of the shared data', () => {
  const folder = sharedData('malformed/safetensors');
  const expected = hasSharedData
    ? (JSON.parse(readFileSync(`${folder}/EXPECTED.json`, 'utf8')) as Record<string, { expect: string }>)
    : {};
  test.each(Object.entries(expected))('treats %s as expected', async (name, { expect: verdict }) => {
    const path = `${folder}/${name}`;
    const outcome = await inspect(await openPath(path), await openBeside(path)).then(
      (found) => (found?.kind === 'safetensors' ? 'accept' : found),
      (error: unknown) => (error instanceof UserError ? 'reject' : error),
    );
    expect(outcome).toBe(verdict);
  });

  test('describes both checkpoints as usable', async () => {
    const path = sharedData('checkpoints/stories260K/stories260K.bin');
    const stories = await inspect(await openPath(path), await openBeside(path));
    expect(stories).toMatchObject({ kind: 'llama2c-checkpoint', usable: true, problems: [] });
    expect(stories?.details).toMatchObject({ parameters: 260_032, dtypes: ['F32'] });
    const hf = await inspect(await openFolder(sharedData('checkpoints/story-llama-hf')));
    expect(hf).toMatchObject({ kind: 'hf-checkpoint', usable: true, problems: [] });
    expect(hf?.details).toMatchObject({ parameters: 656_000, tokenizer: { vocabSize: 2048, bosId: 1 } });
    expect(JSON.parse(JSON.stringify(hf))).toEqual(hf);
  });

  test('says of the Gemma adapter what it is and that it cannot be used yet', async () => {
    const gemma = await inspect(await openFolder(sharedData('adapters/gemma3-270m-r4-qkvo')));
    expect(gemma).toMatchObject({ kind: 'peft-adapter', usable: false });
    expect(gemma?.summary).toMatch(
      /gemma3-270m \(r 4, alpha 16, q_proj, k_proj, v_proj, o_proj in 18 layers\)/,
    );
    expect(gemma?.summary).toContain('cannot be used yet');
  });

  test('says of a GGUF file what it is and that it cannot be used yet', async () => {
    const path = sharedData('checkpoints/ollama-llama-2-tiny-random/llama-2-tiny-random.gguf');
    const gguf = await inspect(await openPath(path));
    expect(gguf).toMatchObject({ kind: 'gguf', usable: false, details: { 'general.architecture': 'llama' } });
    expect(gguf?.summary).toMatch(/architecture llama with \d+ tensors; it cannot be used yet/);
  });
});
