import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, it } from 'vitest';
import { openPath } from '../../src/cli/files';
import { openCheckpoint } from '../../src/engine/formats/openCheckpoint';
import { openDevice } from '../../src/engine/gpu/device';
import { loadBaseModel } from '../../src/engine/model/baseModel';
import { createGenerator } from '../../src/engine/model/generate';
import { parses, splitSentences } from '../../src/world/general/corpus';
import { describeGpu, testGpu } from '../support/dawn';

const SENTENCES = 200;
/** More than the longest document of the corpus has tokens. */
const MOST_TOKENS = 160;
const models = resolve(import.meta.dirname, '../../public/models');

describeGpu('the bundled models', () => {
  // The seeds are the first ones, whatever they give.
  it.each(['world-small', 'world'])(
    '%s speaks the grammar: 95 percent of 200 sentences sampled as its generation_config.json says parse',
    async (name) => {
      const gpu = await openDevice((await testGpu())!);
      const base = await loadBaseModel(gpu, await openCheckpoint(await openPath(resolve(models, name))));
      const tokenizer = base.tokenizer!;
      const generator = await createGenerator(base, MOST_TOKENS + 1);
      const { temperature } = JSON.parse(
        readFileSync(resolve(models, name, 'generation_config.json'), 'utf8'),
      ) as { temperature: number };
      const sentences: string[] = [];
      for (let seed = 0; sentences.length < SENTENCES; seed++) {
        const ids: number[] = [];
        const options = { max_new_tokens: MOST_TOKENS, temperature, seed };
        for await (const id of generator.generate([tokenizer.bosId!], options)) ids.push(id);
        sentences.push(...splitSentences(tokenizer.decode(ids)));
      }
      const wrong = sentences.slice(0, SENTENCES).filter((sentence) => !parses(sentence));
      expect(wrong.length / SENTENCES, wrong.join('\n')).toBeLessThanOrEqual(0.05);
      generator.destroy();
      base.destroy();
    },
    600_000,
  );
});
