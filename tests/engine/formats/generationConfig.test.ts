import { expect, it } from 'vitest';
import { readSamplingDefaults } from '../../../src/engine/formats/generationConfig';
import { fileSet } from '../../support/fileSet';

const read = (json: object) => readSamplingDefaults(fileSet({ 'generation_config.json': json }));

it('takes the sampling that a checkpoint asks for', async () => {
  const json = { do_sample: true, temperature: 0.6, top_p: 0.9, top_k: 40, max_new_tokens: 128 };
  expect(await read(json)).toEqual({ temperature: 0.6, top_p: 0.9, top_k: 40 });
  expect(await readSamplingDefaults(fileSet({}))).toEqual({});
});

it('takes no value that cannot be used', async () => {
  expect(await read({ temperature: 0, top_p: 1.5, top_k: 2.5 })).toEqual({});
  expect(await read({ temperature: '1', top_p: null, top_k: -1 })).toEqual({});
  expect(await read({ temperature: 1e9, top_p: 0, top_k: 0 })).toEqual({ top_k: 0 });
});

it('says so where the file is no JSON', async () => {
  const files = fileSet({ 'generation_config.json': '{' });
  await expect(readSamplingDefaults(files)).rejects.toThrow(/generation_config\.json: not valid JSON/);
});
