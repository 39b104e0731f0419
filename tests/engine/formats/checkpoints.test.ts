import { describe, expect, test } from 'vitest';
import { openBeside, openFolder, openPath } from '../../../src/cli/files';
import { UserError } from '../../../src/config/errors';
import type { FileSet } from '../../../src/engine/formats/byteSource';
import { toFloat32 } from '../../../src/engine/formats/dtypes';
import { readLlamaConfig } from '../../../src/engine/formats/hfConfig';
import { openHfCheckpoint } from '../../../src/engine/formats/hfCheckpoint';
import { openCheckpoint } from '../../../src/engine/formats/openCheckpoint';
import { writeSafetensors, type SafetensorsTensor } from '../../../src/engine/formats/safetensors';
import type { Checkpoint } from '../../../src/engine/model/checkpoint';
import { tensorShapes } from '../../../src/engine/model/tensorShapes';
import { fileSet, type FileContent } from '../../support/fileSet';
import { hasSharedData, sharedData } from '../../support/sharedData';

const CONFIG = {
  architectures: ['LlamaForCausalLM'],
  model_type: 'llama',
  hidden_size: 8,
  intermediate_size: 12,
  num_hidden_layers: 2,
  num_attention_heads: 4,
  num_key_value_heads: 2,
  head_dim: 4,
  vocab_size: 300,
  tie_word_embeddings: false,
};

/** All tensors that this config needs, filled with bytes that tell them apart. */
function tensorsOf(config: object, dtype: 'F32' | 'F16' | 'BF16' = 'F32'): SafetensorsTensor[] {
  const width = dtype === 'F32' ? 4 : 2;
  return [...tensorShapes(readLlamaConfig('config.json', { ...config }))].map(([name, shape], index) => {
    const bytes = new Uint8Array(width * shape.reduce((product, n) => product * n, 1));
    return { name, dtype, shape, bytes: bytes.map((_, i) => (i * 31 + index * 7) % 251) };
  });
}

function single(config: object, tensors: SafetensorsTensor[]): FileSet {
  return fileSet({ 'config.json': config, 'model.safetensors': writeSafetensors(tensors) });
}

function sharded(tensors: SafetensorsTensor[], change: Record<string, FileContent> = {}): FileSet {
  const half = Math.ceil(tensors.length / 2);
  const names = ['model-00001-of-00002.safetensors', 'model-00002-of-00002.safetensors'] as const;
  const weightMap = tensors.map(({ name }, index) => [name, names[index < half ? 0 : 1]]);
  return fileSet({
    'config.json': CONFIG,
    [names[0]]: writeSafetensors(tensors.slice(0, half)),
    [names[1]]: writeSafetensors(tensors.slice(half)),
    'model.safetensors.index.json': { metadata: {}, weight_map: Object.fromEntries(weightMap) as unknown },
    ...change,
  });
}

async function expectTensors(checkpoint: Checkpoint, tensors: SafetensorsTensor[]): Promise<void> {
  expect([...checkpoint.tensors.keys()].sort()).toEqual(tensors.map(({ name }) => name).sort());
  for (const { name, dtype, shape, bytes } of tensors) {
    const tensor = checkpoint.tensors.get(name)!;
    expect([tensor.name, tensor.dtype, tensor.shape]).toEqual([name, dtype, shape]);
    expect(await tensor.read(0, bytes.byteLength)).toEqual(bytes);
    expect(await tensor.read(4, 10)).toEqual(bytes.slice(4, 10));
  }
}

describe('a Hugging Face folder', () => {
  test.each(['F32', 'F16', 'BF16'] as const)('is read from one file of %s weights', async (dtype) => {
    const tensors = tensorsOf(CONFIG, dtype);
    await expectTensors(await openCheckpoint(single(CONFIG, tensors)), tensors);
  });

  test('is read from shards', async () => {
    const tensors = tensorsOf(CONFIG);
    await expectTensors(await openCheckpoint(sharded(tensors)), tensors);
  });

  test('brings its biases where the config says so', async () => {
    const config = { ...CONFIG, attention_bias: true, mlp_bias: true };
    const tensors = tensorsOf(config);
    expect(tensors.filter(({ name }) => name.endsWith('.bias'))).toHaveLength(2 * 7);
    await expectTensors(await openCheckpoint(single(config, tensors)), tensors);
  });

  test('may hold what the model has no use for', async () => {
    const config = { ...CONFIG, tie_word_embeddings: true };
    const extra = ['lm_head.weight', 'model.layers.0.self_attn.rotary_emb.inv_freq'].map((name) => ({
      name,
      dtype: 'F32' as const,
      shape: [2],
      bytes: new Uint8Array(8),
    }));
    const checkpoint = await openHfCheckpoint(single(config, [...tensorsOf(config), ...extra]));
    await expectTensors(checkpoint, tensorsOf(config));
    expect(checkpoint.ignored.length).toBe(2);
  });

  test('may keep tied weights under the name of the head', async () => {
    const config = { ...CONFIG, tie_word_embeddings: true };
    const tensors = tensorsOf(config);
    const stored = tensors.map((tensor) =>
      tensor.name === 'model.embed_tokens.weight' ? { ...tensor, name: 'lm_head.weight' } : tensor,
    );
    await expectTensors(await openCheckpoint(single(config, stored)), tensors);
  });
});

describe('a folder is refused', () => {
  const tensors = tensorsOf(CONFIG);
  const without = (name: string) => tensors.filter((tensor) => tensor.name !== name);
  const index = (weightMap: unknown) => ({ 'model.safetensors.index.json': { weight_map: weightMap } });
  const odd = { name: 'model.norm.weight', dtype: 'I32' as const, shape: [8], bytes: new Uint8Array(32) };
  const narrow = { ...odd, dtype: 'F32' as const, shape: [2, 4] };
  const lfs = 'version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n';
  test.each<[string, FileSet, string]>([
    ['without config.json', fileSet({ 'a.txt': 'x' }), 'folder: there is no checkpoint here'],
    ['without weights', fileSet({ 'config.json': CONFIG }), 'folder: there is no model.safetensors'],
    [
      'with pickled weights only',
      fileSet({ 'config.json': CONFIG, 'pytorch_model.bin': 'x' }),
      'convert the pickled weights',
    ],
    [
      'without a tensor',
      single(CONFIG, without('model.layers.1.mlp.up_proj.weight')),
      'folder: the tensor model.layers.1.mlp.up_proj.weight is missing',
    ],
    ['without an untied head', single(CONFIG, without('lm_head.weight')), 'lm_head.weight is missing'],
    [
      'without embedding where nothing is tied',
      single(CONFIG, without('model.embed_tokens.weight')),
      'model.embed_tokens.weight is missing',
    ],
    [
      'with a tensor of another dtype',
      single(CONFIG, [...without('model.norm.weight'), odd]),
      'model.safetensors: the tensor model.norm.weight has dtype I32',
    ],
    [
      'with a tensor of another shape',
      single(CONFIG, [...without('model.norm.weight'), narrow]),
      'has shape [2, 4] where config.json asks for [8]',
    ],
    ['with a broken config.json', fileSet({ 'config.json': '{' }), 'config.json: not valid JSON'],
    ['with a list as config.json', fileSet({ 'config.json': '[]' }), 'config.json: holds no JSON object'],
    ['with a git-LFS pointer', fileSet({ 'config.json': CONFIG, 'model.safetensors': lfs }), 'git lfs pull'],
    ['with an index of nothing', sharded(tensors, index(3)), 'it has no object "weight_map"'],
    [
      'whose index leaves the folder',
      sharded(tensors, index({ a: '../model-00001-of-00002.safetensors' })),
      'weight_map sends a to "../model-00001-of-00002.safetensors"',
    ],
    ['whose index names a pickle', sharded(tensors, index({ a: 'model.bin' })), 'weight_map sends a to'],
    [
      'whose index names an absent shard',
      sharded(tensors, index({ a: 'b.safetensors' })),
      'b.safetensors is missing',
    ],
    [
      'whose index lists what the shard lacks',
      sharded(tensors, index({ a: 'model-00001-of-00002.safetensors' })),
      'the tensor a is not in it',
    ],
    ['that holds an adapter', fileSet({ 'adapter_config.json': {} }), 'this is an adapter'],
    [
      'with weights alone',
      fileSet({ 'model.safetensors': writeSafetensors(tensors) }),
      'weights without a config.json',
    ],
  ])('%s', async (_, files, sentence) => {
    const error: unknown = await openCheckpoint(files).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(UserError);
    expect((error as UserError).message).toContain(sentence);
  });
});

/** A llama2.c file of version 0 with these tensors, q and k in the order of rotary pairs, as its exporter does. */
function llama2cFile(config: typeof CONFIG, tensors: SafetensorsTensor[]): Uint8Array<ArrayBuffer> {
  const get = (name: string) => tensors.find((tensor) => tensor.name === name)!.bytes;
  const layer = (index: number, name: string) => get(`model.layers.${index}.${name}.weight`);
  const every = (name: string, change = (bytes: Uint8Array) => bytes) => [
    change(layer(0, name)),
    change(layer(1, name)),
  ];
  const rowBytes = 4 * config.hidden_size;
  const width = config.head_dim;
  const toPairs = (halves: Uint8Array) => {
    const pairs = new Uint8Array(halves.byteLength);
    for (let row = 0; row < halves.byteLength / rowBytes; row++) {
      const inHead = row % width;
      const to = row - inHead + (inHead < width / 2 ? 2 * inHead : 2 * inHead - width + 1);
      pairs.set(halves.subarray(row * rowBytes, (row + 1) * rowBytes), to * rowBytes);
    }
    return pairs;
  };
  const positions = 16;
  const header = Int32Array.of(8, 12, 2, 2, 1, config.tie_word_embeddings ? 300 : -300, positions);
  const parts = [
    new Uint8Array(header.buffer),
    get('model.embed_tokens.weight'),
    ...every('input_layernorm'),
    ...every('self_attn.q_proj', toPairs),
    ...every('self_attn.k_proj', toPairs),
    ...every('self_attn.v_proj'),
    ...every('self_attn.o_proj'),
    ...every('post_attention_layernorm'),
    ...every('mlp.gate_proj'),
    ...every('mlp.down_proj'),
    ...every('mlp.up_proj'),
    get('model.norm.weight'),
    new Uint8Array(4 * 2 * positions * (width / 2)).fill(255),
    ...(config.tie_word_embeddings ? [] : [get('lm_head.weight')]),
  ];
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

describe('a llama2.c file', () => {
  const config = { ...CONFIG, num_attention_heads: 2, num_key_value_heads: 1 };

  test.each([true, false])('is read with Hugging Face names and row order, tied: %s', async (tied) => {
    const own = { ...config, tie_word_embeddings: tied };
    const tensors = tensorsOf(own);
    const checkpoint = await openCheckpoint(fileSet({ 'stories.bin': llama2cFile(own, tensors) }));
    await expectTensors(checkpoint, tensors);
    expect(checkpoint.config).toMatchObject({ rmsNormEps: 1e-5, heads: 2, kvHeads: 1, headDim: 4 });
    expect(checkpoint.tokenizer).toBeUndefined();
  });

  test('gives any range of bytes of a permuted tensor', async () => {
    const tensors = tensorsOf(config);
    const checkpoint = await openCheckpoint(fileSet({ 'stories.bin': llama2cFile(config, tensors) }));
    const name = 'model.layers.1.self_attn.q_proj.weight';
    const expected = tensors.find((tensor) => tensor.name === name)!.bytes;
    for (const [begin, end] of [
      [0, 0],
      [3, 5],
      [30, 100],
      [96, 192],
      [127, 129],
      [255, 256],
    ] as const) {
      expect(await checkpoint.tensors.get(name)!.read(begin, end)).toEqual(expected.slice(begin, end));
    }
    await expect(checkpoint.tensors.get(name)!.read(0, 257)).rejects.toThrow(RangeError);
  });

  const whole = llama2cFile(config, tensorsOf(config));
  const newer = new Uint8Array(300);
  newer.set([0x32, 0x34, 0x6b, 0x61, 1]);
  test.each<[string, Record<string, FileContent>, string]>([
    ['that is cut short', { 'm.bin': whole.slice(0, -1) }, `asks for ${whole.byteLength} bytes`],
    ['with bytes after its end', { 'm.bin': new Uint8Array([...whole, 0]) }, 'bytes and the file has'],
    ['of version 1', { 'm.bin': newer }, 'version 1 and 2 cannot be read'],
    [
      'that is something else',
      { 'm.bin': 'Once upon a time there was a text file.' },
      'not a llama2.c checkpoint',
    ],
    [
      'that is a git-LFS pointer',
      { 'm.bin': 'version https://git-lfs.github.com/spec/v1\n' },
      'git lfs pull',
    ],
    ['beside another one', { 'm.bin': whole, 'n.bin': whole }, 'several checkpoints (m.bin, n.bin)'],
    [
      'with a wrong tokenizer beside it',
      { 'm.bin': whole, 'tokenizer.bin': 'x' },
      'tokenizer.bin: not the llama2.c',
    ],
  ])('is refused %s', async (_, files, sentence) => {
    const error: unknown = await openCheckpoint(fileSet(files)).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(UserError);
    expect((error as UserError).message).toContain(sentence);
  });
});

describe.skipIf(!hasSharedData)('real checkpoints', () => {
  test('stories260K opens with its tokenizer, which reads the well-known first words', async () => {
    const path = sharedData('checkpoints/stories260K/stories260K.bin');
    const checkpoint = await openCheckpoint(await openPath(path), await openBeside(path));
    expect(checkpoint.config).toMatchObject({ layers: 5, heads: 8, kvHeads: 4, tieWordEmbeddings: true });
    const count = [...checkpoint.tensors.values()].map(({ shape }) => shape.reduce((a, b) => a * b, 1));
    expect(count.reduce((a, b) => a + b, 0)).toBe(260_032);
    const tokenizer = checkpoint.tokenizer!;
    expect([tokenizer.bosId, tokenizer.eosIds[0], tokenizer.vocabSize]).toEqual([1, 2, 512]);
    const ids = [403, 407, 261, 378];
    expect(tokenizer.decode(ids)).toBe('Once upon a time');
    expect(tokenizer.encode('Once upon a time')).toEqual(ids);
    const norm = checkpoint.tensors.get('model.norm.weight')!;
    const values = toFloat32(await norm.read(0, 4 * 64), 'F32');
    expect(values.every((value) => value > 0.01 && value < 100)).toBe(true);
  });

  test('story-llama-hf opens although only its head is stored', async () => {
    const checkpoint = await openHfCheckpoint(await openFolder(sharedData('checkpoints/story-llama-hf')));
    const count = [...checkpoint.tensors.values()].map(({ shape }) => shape.reduce((a, b) => a * b, 1));
    expect(count.reduce((a, b) => a + b, 0)).toBe(656_000);
    expect(checkpoint.tensors.has('lm_head.weight')).toBe(false);
    expect(checkpoint.ignored).toEqual([]);
    expect(checkpoint.config.rmsNormEps).toBe(1e-6);
    expect([checkpoint.tokenizer?.bosId, checkpoint.tokenizer?.eosIds]).toEqual([1, [2]]);
    // These ids, unknown characters joined into one unknown token included, are those of the Rust library.
    const text = 'Once upon a time\nThere was Ü 🦙🦙 x';
    const ids = [80, 147, 201, 282, 57, 3, 1008, 145, 115, 0, 80, 0, 80, 76];
    expect(checkpoint.tokenizer?.encode(text)).toEqual(ids);
  });

  test('a GGUF file is named as what it is', async () => {
    const path = sharedData('checkpoints/ollama-llama-2-tiny-random/llama-2-tiny-random.gguf');
    await expect(openCheckpoint(await openPath(path))).rejects.toThrow('GGUF checkpoints cannot be used yet');
  });
});
