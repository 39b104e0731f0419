import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { readDataset } from '../../../src/engine/data/dataset';
import { textWindows } from '../../../src/engine/data/examples';
import { prepareData } from '../../../src/engine/data/prepare';
import type { Tokenizer } from '../../../src/engine/data/tokenizer';
import { memorySource } from '../../../src/engine/formats/byteSource';
import { openHfTokenizer } from '../../../src/engine/formats/hfTokenizer';
import { openFolder } from '../../../src/cli/files';
import { hasSharedData, sharedData } from '../../support/sharedData';

const BOS = 1;
const EOS = 2;
const readFile = (path: string) => new Uint8Array(readFileSync(sharedData(path)));

describe.skipIf(!hasSharedData)('with the tokenizer of a real model', () => {
  let tokenizer: Tokenizer;
  beforeAll(async () => {
    const folder = await openFolder(sharedData('checkpoints/story-llama-hf'));
    tokenizer = (await openHfTokenizer(folder, { vocabSize: 2048, eosTokenIds: [EOS] }))!;
  });

  test('stories become documents between BOS and EOS, and keep their words', async () => {
    const path = 'datasets/tinystories/tinystories_sample.txt';
    const dataset = await readDataset(memorySource(path, readFile(path)));
    const settings = { max_length: 512, val_size: 0, seed: 42 };
    const examples = prepareData(dataset, tokenizer, settings).train.flat();
    expect(examples).toHaveLength(5);
    const texts = examples.map(({ ids }) => {
      expect([ids[0], ids.at(-1)]).toEqual([BOS, EOS]);
      return tokenizer.decode([...ids]);
    });
    // The vocabulary has no line break and no curly quote: such a character is one <unk>, which decodes to ''.
    const known = (text: string) => text.replace(/[^ -~]/g, '');
    const documents = dataset.records.map(({ content }) => (content.kind === 'text' ? content.text : ''));
    expect(texts.map(known).toSorted()).toEqual(documents.map(known).toSorted());
  });

  test('windows over a whole file predict every token once, whatever their length', () => {
    const text = new TextDecoder().decode(readFile('datasets/shakespeare/input.txt')).slice(0, 50_000);
    const ids = tokenizer.encode(text);
    for (const window of [100, 512]) {
      const windows = textWindows(ids, tokenizer.bosId, window);
      expect(windows.flatMap((example) => [...example.ids.subarray(1)])).toEqual(ids);
    }
  });

  test('an instruction data set fits into lines of 256 tokens', async () => {
    const path = 'datasets/multi-domain/hydralora.example_train.json';
    const whole = await readDataset(memorySource(path, readFile(path)));
    const dataset = { ...whole, records: whole.records.slice(0, 200) };
    const { train, validation, summary } = prepareData(dataset, tokenizer, {
      max_length: 256,
      val_size: 0.05,
      seed: 42,
    });
    expect(summary.trainExamples + summary.validationExamples).toBe(200);
    expect(summary.validationExamples).toBe(10);
    expect(summary.skipped).toBe(0);
    expect(summary.fill).toBeGreaterThan(0.9); // best fit leaves little padding among examples of mixed lengths
    for (const line of [...train, ...validation]) {
      expect(line.reduce((rows, { ids }) => rows + ids.length - 1, 0)).toBeLessThanOrEqual(256);
      for (const { ids, train: counted } of line) {
        expect(ids[0]).toBe(BOS);
        expect(counted.includes(1)).toBe(true);
        expect(ids.indexOf(EOS) === -1 || ids.indexOf(EOS) === ids.length - 1).toBe(true);
      }
    }
  });
});
