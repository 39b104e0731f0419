import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { UserError } from '../../../src/config/errors';
import { openHfTokenizer } from '../../../src/engine/formats/hfTokenizer';
import { readLlama2cTokenizer } from '../../../src/engine/formats/llama2cTokenizer';
import { openFolder } from '../../../src/cli/files';
import { fileSet } from '../../support/fileSet';
import { hasSharedData, sharedData } from '../../support/sharedData';

const SEPARATOR = '\n__ggml_vocab_test__\n';

/** llama.cpp's own vectors: texts, and the ids that its reference tokenizer gives without BOS. */
function vectors(path: string): { text: string; ids: number[] }[] {
  const texts = readFileSync(sharedData(`${path}.inp`), 'utf8').split(SEPARATOR);
  const lines = readFileSync(sharedData(`${path}.out`), 'utf8').split('\n');
  return texts.map((text, index) => ({
    text,
    ids: (lines[index] ?? '').trim().split(' ').filter(Boolean).map(Number),
  }));
}

/** A long text: the vectors again and again, with words between that repeat and some that do not. */
function longText(texts: readonly string[], length: number): string {
  let text = '';
  for (let i = 0; text.length < length; i++) text += `${texts[i % texts.length] ?? ''} word${i * 7919} `;
  return text;
}

describe.skipIf(!hasSharedData)('Llama-2 vectors', () => {
  const cases = hasSharedData ? vectors('tokenizers/llama2-spm/ggml-vocab-llama-spm.gguf') : [];
  const open = async () => {
    const tokenizer = await openHfTokenizer(await openFolder(sharedData('tokenizers/llama2-spm')), {
      vocabSize: 32000,
      eosTokenIds: [2],
    });
    return tokenizer!;
  };
  const openBin = () => {
    const bytes = new Uint8Array(readFileSync(sharedData('tokenizers/llama2-spm/tokenizer.bin')));
    return readLlama2cTokenizer('tokenizer.bin', bytes, 32000);
  };

  test('every text has its line of ids', () => {
    expect(cases.length).toBeGreaterThan(40);
    expect(cases.filter(({ ids }) => ids.length === 0).map(({ text }) => text)).toEqual(['', '']);
  });

  test('tokenizer.json gives the ids of every vector, and gives the text back', async () => {
    const tokenizer = await open();
    for (const { text, ids } of cases) {
      expect(tokenizer.encode(text), JSON.stringify(text)).toEqual(ids);
      expect(tokenizer.decode(ids)).toBe(text);
    }
  });

  test('tokenizer.bin gives the ids of every vector, and gives the text back', () => {
    const tokenizer = openBin();
    for (const { text, ids } of cases) {
      expect(tokenizer.encode(text), JSON.stringify(text)).toEqual(ids);
      expect(tokenizer.decode(ids)).toBe(text);
    }
  });

  test('both agree on a text long enough to be cut into pieces', async () => {
    const text = longText(
      cases.map((item) => item.text),
      200_000,
    );
    const ids = (await open()).encode(text);
    expect(ids.length).toBeGreaterThan(10_000);
    expect(ids).toEqual(openBin().encode(text));
    expect(openBin().decode(ids)).toBe(text);
  });

  test('both know the byte order mark as a token like others', async () => {
    const text = 'a\ufeffb';
    const ids = openBin().encode(text);
    expect(ids).toHaveLength(3);
    expect((await open()).encode(text)).toEqual(ids);
    expect(openBin().decode(ids)).toBe(text);
  });

  test('special tokens, chat template and vocabulary size come out of the settings', async () => {
    const tokenizer = await open();
    expect([tokenizer.bosId, tokenizer.eosIds, tokenizer.vocabSize]).toEqual([1, [2], 32000]);
    expect([...(tokenizer.specialTokens ?? [])].sort()).toEqual([
      ['</s>', 2],
      ['<s>', 1],
      ['<unk>', 0],
    ]);
    expect(tokenizer.encode('a</s>b')).toContain(2);
    expect(tokenizer.chatTemplate).toContain("message['role'] == 'user'");
    expect(tokenizer.decode([1, ...tokenizer.encode('Hello'), 2])).toBe('Hello');
    expect(tokenizer.decode([])).toBe('');
    expect(tokenizer.encode('')).toEqual([]);
  });
});

describe('a small tokenizer.json', () => {
  const added = (id: number, content: string) => ({ id, content, special: true, normalized: false });
  const json = {
    added_tokens: [added(3, '<eos>'), added(4, '<pad>')],
    normalizer: null,
    pre_tokenizer: null,
    post_processor: null,
    decoder: { type: 'Fuse' },
    model: { type: 'BPE', unk_token: 'a', vocab: { a: 0, b: 1, ab: 2 }, merges: ['a b'] },
  };
  const open = (files: object, vocabSize = 5) =>
    openHfTokenizer(fileSet({ 'tokenizer.json': json, ...files }), { vocabSize, eosTokenIds: [1] });

  test('takes its end tokens from all files, that of the tokenizer first', async () => {
    const tokenizer = await open({
      'special_tokens_map.json': { eos_token: { content: '<eos>' } },
      'generation_config.json': { eos_token_id: [2, 3] },
    });
    expect(tokenizer!.eosIds).toEqual([3, 2, 1]);
    expect(tokenizer!.bosId).toBeUndefined();
  });

  test('puts a token before texts where its settings say so', async () => {
    const settings = { add_bos_token: true, bos_token: '<eos>' };
    expect((await open({ 'tokenizer_config.json': settings }))!.bosId).toBe(3);
    const off = { ...settings, add_bos_token: false };
    expect((await open({ 'tokenizer_config.json': off }))!.bosId).toBeUndefined();
  });

  test('finds the chat template in its own file, or the default one of a list', async () => {
    const list = [
      { name: 'tool_use', template: 'T' },
      { name: 'default', template: 'D' },
    ];
    const settings = { 'tokenizer_config.json': { chat_template: list } };
    expect((await open(settings))!.chatTemplate).toBe('D');
    expect((await open({ ...settings, 'chat_template.jinja': 'J' }))!.chatTemplate).toBe('J');
  });

  test('loses added tokens that the model has no row for, and is refused where others are too many', async () => {
    const tokenizer = await open({}, 4);
    expect([...tokenizer!.specialTokens!.keys()]).toEqual(['<eos>']);
    expect(Math.max(...tokenizer!.encode('ab<pad>'))).toBeLessThan(4);
    await expect(open({}, 2)).rejects.toThrow('tokenizer.json: it has 3 tokens and the model only 2');
  });

  test.each([
    ['of another shape', '{"model":{}}'],
    ['that is no JSON', '{'],
    ['that is a git-LFS pointer', 'version https://git-lfs.github.com/spec/v1\n'],
  ])('is refused when it is a file %s', async (_, text) => {
    await expect(open({ 'tokenizer.json': text })).rejects.toThrow(UserError);
  });
});

describe.skipIf(!hasSharedData)('GPT-2 vectors', () => {
  test('a byte-level tokenizer.json gives the ids of every vector, and gives the text back', async () => {
    const read = (name: string) => readFileSync(sharedData(`tokenizers/gpt2-bpe/${name}`), 'utf8');
    const json = {
      version: '1.0',
      added_tokens: [{ id: 50256, content: '<|endoftext|>', special: true, normalized: false }],
      normalizer: null,
      pre_tokenizer: { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: true },
      post_processor: { type: 'ByteLevel', add_prefix_space: true, trim_offsets: false, use_regex: true },
      decoder: { type: 'ByteLevel', add_prefix_space: true, trim_offsets: true, use_regex: true },
      model: {
        type: 'BPE',
        unk_token: null,
        vocab: JSON.parse(read('gpt2_vocab.json')) as unknown,
        merges: read('gpt2_merges.txt')
          .split('\n')
          .filter((line) => line !== '' && !line.startsWith('#version')),
      },
    };
    const settings = { bos_token: '<|endoftext|>', eos_token: { content: '<|endoftext|>' } };
    const tokenizer = await openHfTokenizer(
      fileSet({ 'tokenizer.json': JSON.stringify(json), 'tokenizer_config.json': JSON.stringify(settings) }),
      { vocabSize: 50257, eosTokenIds: [] },
    );
    for (const { text, ids } of vectors('tokenizers/gpt2-bpe/ggml-vocab-gpt-2.gguf')) {
      expect(tokenizer!.encode(text), JSON.stringify(text)).toEqual(ids);
      expect(tokenizer!.decode(ids)).toBe(text);
    }
    expect(tokenizer!.bosId, 'GPT-2 puts nothing before a text').toBeUndefined();
    expect(tokenizer!.eosIds).toEqual([50256]);
  });
});
