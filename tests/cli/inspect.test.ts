import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { masaJson, refusal, masa } from '../support/cli';
import { hasSharedData, sharedData } from '../support/sharedData';

const inspect = (path: string) => masaJson(['inspect', sharedData(path)]);

describe.skipIf(!hasSharedData)('inspect', () => {
  test('describes both LLaMA checkpoints', async () => {
    expect(await inspect('checkpoints/stories260K/stories260K.bin')).toMatchObject({
      kind: 'llama2c-checkpoint',
      usable: true,
      parameters: 260_032,
      config: { layers: 5, hiddenSize: 64, heads: 8, kvHeads: 4, vocabSize: 512 },
    });
    expect(await inspect('checkpoints/story-llama-hf')).toMatchObject({
      kind: 'hf-checkpoint',
      usable: true,
      parameters: 656_000,
      dtypes: ['F32'],
      problems: [],
    });
  });

  test('says what the gemma adapter and a GGUF file are, and that they cannot be used yet', async () => {
    const adapter = await inspect('adapters/gemma3-270m-r4-qkvo');
    expect(adapter).toMatchObject({ kind: 'peft-adapter', usable: false, r: 4, lora_alpha: 16 });
    expect(adapter['summary']).toMatch(/gemma3-270m.*cannot be used yet/);
    const gguf = await inspect('checkpoints/ollama-llama-2-tiny-random/llama-2-tiny-random.gguf');
    expect(gguf).toMatchObject({ kind: 'gguf', usable: false, version: 3, tensors: 12 });
    expect(gguf['summary']).toMatch(/cannot be used yet/);
  });

  const dataSets = hasSharedData
    ? readdirSync(sharedData('datasets'), { recursive: true, encoding: 'utf8' })
    : [];

  test.each(dataSets.filter((path) => /\.(json|jsonl|txt)$/.test(path)))(
    'accepts the data set %s',
    async (path) => {
      const { kind, usable, records, skipped } = await inspect(join('datasets', path));
      expect({ kind, usable, skipped }).toEqual({ kind: 'data', usable: true, skipped: 0 });
      expect(records).toBeGreaterThan(0);
    },
  );

  test('counts the records of a data set by format', async () => {
    expect(await inspect('datasets/alpaca/llamafactory.v1_sft_demo.jsonl')).toMatchObject({
      container: 'JSON Lines',
      records: 500,
      formats: { messages: 500 },
    });
  });

  test('says that a table cannot be used yet', async () => {
    expect(await inspect('datasets/mmlu-dev/anatomy_dev.csv')).toMatchObject({
      kind: 'table',
      usable: false,
    });
  });

  test('judges every malformed safetensors file as the reference does', async () => {
    const folder = sharedData('malformed/safetensors');
    const expected = JSON.parse(readFileSync(join(folder, 'EXPECTED.json'), 'utf8')) as Record<
      string,
      { expect: 'accept' | 'reject' }
    >;
    expect(Object.keys(expected)).toHaveLength(18);
    for (const [name, { expect: verdict }] of Object.entries(expected)) {
      const path = join(folder, name);
      if (verdict === 'accept') expect((await masa(['inspect', path])).code, name).toBe(0);
      else expect(await refusal(['inspect', path]), name).toContain(name);
    }
    const pointer = await refusal(['inspect', join(folder, 'lfs_pointer_real.safetensors')]);
    expect(pointer).toMatch(/git-LFS pointer.*git lfs pull/);
  });

  test('refuses a folder of data sets, and names the cure', async () => {
    expect(await refusal(['inspect', sharedData('datasets')])).toMatch(/give a data file by its own path/);
  });
});

test('inspect of a path that is not there names it', async () => {
  expect(await refusal(['inspect', 'no/such/file'])).toBe(
    'no/such/file: no such file or folder; check the path.',
  );
});
