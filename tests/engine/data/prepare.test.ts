import { expect, test } from 'vitest';
import { defaultRunConfig } from '../../../src/config/defaults';
import { UserError } from '../../../src/config/errors';
import { readDataset } from '../../../src/engine/data/dataset';
import { prepareData, runBatches } from '../../../src/engine/data/prepare';
import { memorySource } from '../../../src/engine/formats/byteSource';
import { characterTokenizer } from './characterTokenizer';

const dataset = (name: string, text: string) =>
  readDataset(memorySource(name, new TextEncoder().encode(text)));
const settings = { ...defaultRunConfig(2), max_length: 16, val_size: 0.25, seed: 3 };

test('one long text has a validation part, and no token is in both parts', async () => {
  const text = Array.from({ length: 400 }, (_, index) => String.fromCharCode(100 + (index % 400))).join('');
  const data = prepareData(await dataset('a.txt', text), characterTokenizer({ bosId: undefined }), settings);
  const targets = (part: typeof data.train) => part.flat().flatMap(({ ids }) => [...ids.subarray(1)]);
  const [train, held] = [targets(data.train), targets(data.validation)];
  // 400 tokens and an EOS are 400 predictions: 25 windows of 16 rows.
  expect([data.summary.trainExamples, data.summary.validationExamples]).toEqual([19, 6]);
  expect(train.length + held.length).toBe(400);
  expect(held.filter((id) => train.includes(id))).toEqual([]);
  expect(data.summary).toMatchObject({ tokens: 400, countedTokens: 400, fill: 1, truncated: 0, skipped: 0 });
});

test('a run reads batches of its own size, and its held-out part as often as it likes', async () => {
  const lines = Array.from({ length: 8 }, (_, index) =>
    JSON.stringify({ prompt: `${index}`, completion: 'yes' }),
  );
  const data = prepareData(await dataset('a.jsonl', lines.join('\n')), characterTokenizer(), settings);
  const batches = runBatches(data, { ...settings, per_device_train_batch_size: 3 });
  expect(batches.batchFor(0, 0).tokens).toHaveLength(3 * 16);
  expect(batches.validation.map(({ counted }) => counted)).toEqual([2 * 4]); // two records of "yes" and EOS
  expect(data.train.flat()).toHaveLength(6);
});

test('records without a single token to learn are skipped with the reason, and refused when there are no others', async () => {
  const tokenizer = characterTokenizer({ bosId: undefined, eosIds: [] });
  const mixed = await dataset('a.jsonl', '{"text": "a"}\n{"text": "ab"}');
  expect(prepareData(mixed, tokenizer, settings).summary).toMatchObject({
    trainExamples: 1,
    skipped: 1,
    problems: [{ at: 1, reason: 'too short to predict anything' }],
  });
  const short = await dataset('b.jsonl', '{"text": "a"}');
  expect(() => prepareData(short, tokenizer, settings)).toThrow(UserError);
  expect(() => prepareData(short, tokenizer, settings)).toThrow(
    /^b\.jsonl: none of its records can be learnt from \(line 1: too short to predict anything\); /,
  );
});
