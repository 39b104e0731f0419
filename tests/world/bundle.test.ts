import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { Tokenizer } from '@huggingface/tokenizers';
import { describe, expect, it } from 'vitest';
import { SPECIAL_DOMAINS } from '../../src/world/domains';
import { CORPUS_SEED, generateDocuments } from '../../src/world/general/corpus';
import { seededRandom } from '../../src/world/random';

const root = resolve(import.meta.dirname, '../../public/models');
const models = readJson('index.json') as {
  name: string;
  parameters: number;
  files: { name: string; size: number }[];
}[];

describe('the bundled files', () => {
  it('are listed with their sizes, none left out', () => {
    const onDisk = readdirSync(root, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => ({ name, files: sizesIn(name) }))
      .sort((a, b) => (a.name < b.name ? -1 : 1));
    expect(models.map(({ name, files }) => ({ name, files }))).toEqual(onDisk);
  });

  it('hold a model under 300,000 weights and one of 2 to 4 million, both of 8 layers', () => {
    const weights = Object.fromEntries(models.map(({ name, parameters }) => [name, parameters]));
    expect(weights['world-small']).toBeLessThan(300_000);
    expect(weights.world).toBeGreaterThan(2_000_000);
    expect(weights.world).toBeLessThan(4_000_000);
    for (const { name } of models) {
      expect(readJson(`${name}/config.json`)).toMatchObject({
        architectures: ['LlamaForCausalLM'],
        num_hidden_layers: 8,
        tie_word_embeddings: true,
        dtype: 'bfloat16',
      });
    }
  });
});

describe('the corpus of the bundled models', () => {
  // They learnt these documents: who changes the general part makes new checkpoints, and then this digest.
  it('is still the same', () => {
    const corpus = generateDocuments(CORPUS_SEED, 2000).join('\n');
    const digest = createHash('sha256').update(corpus).digest('hex');
    expect(digest).toBe('462d2256817a77c9671e38065f07ef394d65e96d309de49983a46a3f145e7916');
  });
});

describe.each(models)('the tokenizer of $name', ({ name }) => {
  const config = readJson(`${name}/tokenizer_config.json`) as { bos_token: string; eos_token: string };
  const tokenizer = new Tokenizer(readJson(`${name}/tokenizer.json`) as object, config);

  it('gives back every document and question unchanged', () => {
    const random = seededRandom(CORPUS_SEED);
    const texts = [
      ...generateDocuments(CORPUS_SEED, 200),
      ...SPECIAL_DOMAINS.flatMap((domain) =>
        Array.from({ length: 20 }, () => [domain.write(random), domain.task.make(random, 1).question]).flat(),
      ),
    ];
    const wrong = texts.filter((text) => tokenizer.decode(tokenizer.encode(text, plain).ids) !== text);
    expect(wrong).toEqual([]);
  });

  it('gives back text from outside the world too', () => {
    const text = 'Grüße, 東京! \t🦙\r\n  {"x": [1.5e-3]}';
    expect(tokenizer.decode(tokenizer.encode(text, plain).ids)).toBe(text);
  });

  it('puts BOS before a document when asked', () => {
    const bos = tokenizer.token_to_id(config.bos_token);
    expect(tokenizer.encode('Mia').ids[0]).toBe(bos);
    expect(tokenizer.encode('Mia', plain).ids).not.toContain(bos);
    expect(readJson(`${name}/config.json`)).toMatchObject({
      bos_token_id: bos,
      eos_token_id: tokenizer.token_to_id(config.eos_token),
    });
  });
});

const plain = { add_special_tokens: false } as const;

function readJson(path: string): unknown {
  return JSON.parse(readFileSync(resolve(root, path), 'utf8'));
}

function sizesIn(folder: string): { name: string; size: number }[] {
  return readdirSync(resolve(root, folder))
    .sort()
    .map((name) => ({ name, size: statSync(resolve(root, folder, name)).size }));
}
