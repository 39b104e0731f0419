import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readDataset } from '../../../src/engine/data/dataset';
import { prepareData } from '../../../src/engine/data/prepare';
import { memorySource } from '../../../src/engine/formats/byteSource';
import { hasSharedData, sharedData } from '../../support/sharedData';
import { characterTokenizer, spell } from './characterTokenizer';

const read = (path: string) => {
  const bytes = new Uint8Array(readFileSync(sharedData(join('datasets', path))));
  return readDataset(memorySource(path, bytes));
};

describe.skipIf(!hasSharedData)('the data sets beside the project', () => {
  test.each<[string, string, number, [string, number][]]>([
    ['alpaca/llamafactory.alpaca_en_demo.json', 'JSON', 999, [['Alpaca', 999]]],
    ['alpaca/llamafactory.v1_sft_demo.jsonl', 'JSON Lines', 500, [['messages', 500]]],
    ['dolly/dolly_151_alpacafmt.jsonl', 'JSON Lines', 151, [['prompt/completion', 151]]],
    ['gsm8k/train.jsonl', 'JSON Lines', 7473, [['question/answer', 7473]]],
    ['multi-domain/hydralora.example_train.json', 'JSON', 1565, [['Alpaca', 1565]]],
    ['bbh/boolean_expressions.json', 'JSON', 250, [['input/target', 250]]],
    ['bbh/multistep_arithmetic_two.json', 'JSON', 250, [['input/target', 250]]],
    ['bbh/navigate.json', 'JSON', 250, [['input/target', 250]]],
    ['bbh/object_counting.json', 'JSON', 250, [['input/target', 250]]],
    ['bbh/web_of_lies.json', 'JSON', 250, [['input/target', 250]]],
    ['bbh/word_sorting.json', 'JSON', 250, [['input/target', 250]]],
    ['shakespeare/input.txt', 'plain text', 1, [['text', 1]]],
    ['tinystories/tinystories_sample.txt', 'plain text', 5, [['text', 5]]],
  ])('%s is %s with %i records, none skipped', async (path, container, records, formats) => {
    const { summary } = await read(path);
    expect(summary).toMatchObject({ container, records, skipped: 0 });
    expect([...summary.formats]).toEqual(formats);
  });

  test('every table of questions says that tables cannot be used yet', async () => {
    for (const name of readdirSync(sharedData('datasets/mmlu-dev'))) {
      await expect(read(join('mmlu-dev', name))).rejects.toThrow(/tables \(CSV, TSV\) cannot be used yet/);
    }
  });

  test('a data set with a task label keeps it', async () => {
    expect((await read('multi-domain/hydralora.example_train.json')).summary.tasks).toEqual(
      new Map([['1', 300]]),
    );
  });

  test('prepared for training, every counted token of the data is in exactly one line', async () => {
    const dataset = await read('dolly/dolly_151_alpacafmt.jsonl');
    const settings = { max_length: 16_384, val_size: 0.1, seed: 42 };
    const { train, validation, summary } = prepareData(dataset, characterTokenizer(), settings);
    expect(summary).toMatchObject({ trainExamples: 136, validationExamples: 15, truncated: 0, skipped: 0 });
    const answers = [...train, ...validation]
      .flat()
      .map(({ ids, train: counted }) => spell([...ids].filter((_, index) => counted[index] === 1)));
    const expected = dataset.records.map(({ content }) =>
      content.kind === 'completion' ? `${content.completion}</s>` : '',
    );
    expect(answers.toSorted()).toEqual(expected.toSorted());
    expect(summary.countedTokens).toBe(
      expected.reduce((sum, text) => sum + text.length - '</s>'.length + 1, 0),
    );
  });
});
