import { mkdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openPath } from '../../src/cli/files';
import type { Adapter } from '../../src/engine';
import { adapterLayout } from '../../src/engine/adapters/layout';
import { writeNativeAdapter } from '../../src/engine/export/nativeAdapter';
import { openCheckpoint } from '../../src/engine/formats/openCheckpoint';
import { isFileSet } from '../../src/engine/formats/recognise';
import { openSafetensors, writeSafetensors } from '../../src/engine/formats/safetensors';
import { defaultRunConfig } from '../../src/config/defaults';
import { refusal, temporaryFolder } from '../support/cli';
import { hasSharedData, sharedData } from '../support/sharedData';

/** Every sentence here is found before the GPU is touched: these tests have none. */
describe.skipIf(!hasSharedData)('bad input is refused with one sentence that names it and the cure:', () => {
  const folder = temporaryFolder();
  const story = sharedData('checkpoints/story-llama-hf');
  const stories260K = sharedData('checkpoints/stories260K/stories260K.bin');
  const text = sharedData('datasets/tinystories/tinystories_sample.txt');
  const generate = (model: string) => refusal(['generate', '--model', model]);
  const train = (...flags: string[]) =>
    refusal(['train', '--model', story, '--data', text, '--out', join(folder, 'never'), ...flags]);

  function copyOfStory(name: string): string {
    const copy = join(folder, name);
    mkdirSync(copy);
    for (const file of ['config.json', 'model.safetensors', 'tokenizer.json', 'tokenizer_config.json']) {
      writeFileSync(join(copy, file), readFileSync(join(story, file)));
    }
    return copy;
  }

  function storyWithConfig(name: string, changes: Record<string, unknown>): string {
    const copy = copyOfStory(name);
    const config = JSON.parse(readFileSync(join(story, 'config.json'), 'utf8')) as Record<string, unknown>;
    writeFileSync(join(copy, 'config.json'), JSON.stringify({ ...config, ...changes }));
    return copy;
  }

  test('a wrong path', async () => {
    expect(await generate('no/such/model')).toBe('no/such/model: no such file or folder; check the path.');
    expect(await train('--data', 'none.jsonl')).toBe('none.jsonl: no such file or folder; check the path.');
    expect(await refusal(['eval', '--model', story, '--data', story])).toMatch(/this is a folder; give one/);
  });

  test('a truncated file', async () => {
    const copy = copyOfStory('truncated');
    truncateSync(join(copy, 'model.safetensors'), 1_000_000);
    expect(await generate(copy)).toMatch(/^model\.safetensors: .*cut short.*; download/);
    writeFileSync(join(folder, 'short.bin'), readFileSync(stories260K).subarray(0, 500_000));
    expect(await generate(join(folder, 'short.bin'))).toMatch(/^short\.bin: .*; download/);
  });

  test('a git-LFS pointer', async () => {
    const copy = copyOfStory('pointer');
    const pointer = readFileSync(sharedData('malformed/safetensors/lfs_pointer_real.safetensors'));
    writeFileSync(join(copy, 'model.safetensors'), pointer);
    expect(await generate(copy)).toMatch(
      /^model\.safetensors: this is a git-LFS pointer .*run "git lfs pull"/,
    );
  });

  test('another architecture', async () => {
    const changes = { architectures: ['MistralForCausalLM'], model_type: 'mistral' };
    expect(await generate(storyWithConfig('mistral', changes))).toMatch(
      /^config\.json, architectures: "MistralForCausalLM" is not a LLaMA.*; choose/,
    );
  });

  test('a RoPE type that is not supported', async () => {
    const changes = { rope_scaling: { rope_type: 'yarn', factor: 4 } };
    expect(await generate(storyWithConfig('yarn', changes))).toMatch(
      /^config\.json, rope_scaling: the RoPE type "yarn" is not.*; choose/,
    );
  });

  test('a missing tensor', async () => {
    const copy = copyOfStory('incomplete');
    const source = await openPath(join(story, 'model.safetensors'));
    if (isFileSet(source)) throw new Error('a folder?');
    const file = await openSafetensors(source);
    const missing = 'model.layers.1.mlp.up_proj.weight';
    const rest = [...file.tensors].filter(([name]) => name !== missing);
    const tensors = rest.map(async ([name, { dtype, shape }]) => ({
      name,
      dtype,
      shape,
      bytes: await file.read(name),
    }));
    writeFileSync(join(copy, 'model.safetensors'), writeSafetensors(await Promise.all(tensors)));
    expect(await generate(copy)).toMatch(
      /^incomplete: the tensor model\.layers\.1\.mlp\.up_proj\.weight is missing.*; download/,
    );
  });

  test('an adapter for another base', async () => {
    const peft = sharedData('adapters/gemma3-270m-r4-qkvo');
    const generateWith = (adapter: string) =>
      refusal(['generate', '--model', story, '--adapter', adapter, '--prompt', 'Once']);
    expect(await generateWith(peft)).toMatch(/another base model.*gemma3-270m.*; choose the base model/);

    const own = join(folder, 'adapter_native.safetensors');
    writeFileSync(own, writeNativeAdapter(await emptyAdapter(stories260K)));
    expect(await generateWith(own)).toMatch(/another base model, stories260K.*; choose the base model/);
    expect(await generateWith(story)).toMatch(/no adapter here; choose a folder/);
  });

  test('settings out of range', async () => {
    expect(await train('--num_experts', '0')).toBe(
      'num_experts: 0 is too small; give a whole number from 1 to 64.',
    );
    expect(await train('--group-size', '3')).toBe(
      'group_size: 3 is more than the model’s 2 layers; give a whole number from 1 to 2.',
    );
    expect(await train('--group-size', '0', '--method', 'lora')).toMatch(/^group_size: 0 is too small/);
    expect(await train('--method', 'hydra')).toMatch(
      /^method: "hydra" .*; give one of lora, masa, hydralora, lora_moe\.$/,
    );
    expect(await train('--target_modules', 'q_proj,lm_head')).toMatch(/^target_modules: .*"lm_head"; give/);
    expect(await train('--learning-rate', 'fast')).toMatch(/^learning_rate: "fast" is not a number; give/);
    expect(await refusal(['generate', '--model', story, '--temperature', '-1'])).toMatch(
      /^--temperature: "-1" cannot be used; give a number from 0/,
    );
    expect(await refusal(['logits', '--model', story, '--tokens', '1,2048', '--out', 'x'])).toBe(
      '--tokens: "2048" is no token of this model; give whole numbers from 0 to 2047 with commas between.',
    );
  });

  test('settings of a file', async () => {
    const path = join(folder, 'settings.json');
    writeFileSync(path, JSON.stringify({ config: { r: 4, rank: 8 } }));
    expect(await train('--config', path)).toMatch(/^rank: there is no such setting; the settings are method/);
    writeFileSync(path, '{');
    expect(await train('--config', path)).toMatch(/^settings\.json: not valid JSON/);
  });

  test('data without anything to learn from', async () => {
    const empty = join(folder, 'empty.txt');
    writeFileSync(empty, '');
    expect(await train('--data', empty)).toMatch(/^empty\.txt: the file is empty; give/);
    const useless = join(folder, 'useless.jsonl');
    writeFileSync(useless, '{"a": 1}\nnot json\n');
    expect(await train('--data', useless)).toMatch(
      /^useless\.jsonl: it has no usable record \(line 1: .*; give/,
    );
  });

  test('a run without a folder, into the folder of another, or with nothing to resume', async () => {
    expect(await refusal(['train', '--model', story, '--data', text])).toBe(
      '--out: this flag is missing; give --out DIR.',
    );
    const taken = join(folder, 'taken');
    mkdirSync(taken);
    writeFileSync(join(taken, 'metrics.jsonl'), '');
    expect(await train('--out', taken)).toMatch(/taken: it holds another run already; give another folder/);
    expect(await train('--resume', taken)).toMatch(/taken: there is no snapshot\.safetensors in it; give/);
  });

  test('an export that cannot be', async () => {
    const adapter = join(folder, 'stories_native.safetensors');
    writeFileSync(adapter, writeNativeAdapter(await emptyAdapter(stories260K)));
    const write = (format: string, out: string, from = adapter) =>
      refusal(['export', '--adapter', from, '--format', format, '--out', out]);
    expect(await write('gguf', 'x')).toBe('--format: the format gguf is not there yet; give peft.');
    expect(await write('onnx', 'x')).toBe('--format: there is no format "onnx"; give peft.');
    expect(await write('peft', folder)).toMatch(/: the folder is not empty; give a new one/);
    expect(await write('peft', adapter)).toMatch(/: this is a file; give the path of a folder/);
    expect(await write('peft', 'x', story)).toMatch(
      /: there is no adapter here; give a folder that train wrote/,
    );
  });
});

/** An adapter of zeros for the model in a file. */
async function emptyAdapter(model: string): Promise<Adapter> {
  const { name, config } = await openCheckpoint(await openPath(model));
  const run = { ...defaultRunConfig(config.layers), target_modules: ['q_proj'] as const };
  const values = new Float32Array(adapterLayout(run, config).size);
  return { config: run, values, base: { name, fingerprint: undefined, config }, metadata: {} };
}
