import { describe, expect, it } from 'vitest';
import type { Tokenizer } from '../../src/engine/data/tokenizer';
import type { GenerateOptions, Generator } from '../../src/engine/model/generate';
import { continueText } from '../../src/worker/sampling';

/** One token a character; decoding drops a leading space, as SentencePiece does. */
const tokenizer: Tokenizer = {
  vocabSize: 128,
  bosId: 1,
  eosIds: [2],
  encode: (text) => Array.from(text, (letter) => letter.charCodeAt(0)),
  decode: (ids) => String.fromCharCode(...ids.filter((id) => id > 2)).replace(/^ /, ''),
  chatTemplate: undefined,
};

/** Writes a fixed text and remembers what it was given. */
function fakeGenerator(writes: string): Generator & { prompt: readonly number[]; options?: GenerateOptions } {
  return {
    prompt: [],
    async *generate(prompt, options) {
      this.prompt = prompt;
      this.options = options;
      await Promise.resolve();
      yield* tokenizer.encode(writes).slice(0, options.max_new_tokens);
    },
    destroy: () => undefined,
  };
}

async function all(generator: Generator, prompt: string, capacity = 100, using = tokenizer) {
  const parts: { readonly text: string; readonly complete: boolean }[] = [];
  for await (const part of continueText(generator, using, prompt, capacity)) parts.push(part);
  return parts;
}

describe('a continuation', () => {
  it('is told token by token, then once more as complete', async () => {
    expect(await all(fakeGenerator(' ab'), 'Say')).toEqual([
      { text: ' ', complete: false },
      { text: ' a', complete: false },
      { text: ' ab', complete: false },
      { text: ' ab', complete: true },
    ]);
  });

  it('is greedy and begins with BOS', async () => {
    const generator = fakeGenerator('x');
    await all(generator, 'ab');
    expect(generator.prompt).toEqual([1, 97, 98]);
    expect(generator.options).toMatchObject({ temperature: 0 });
  });

  it('follows the end of a prompt that is too long for the context', async () => {
    const generator = fakeGenerator('x'.repeat(50));
    const parts = await all(generator, 'a'.repeat(30) + 'z', 20);
    expect(generator.prompt).toEqual([1, ...tokenizer.encode('aaaaaaaaz')]);
    expect(parts.at(-1)).toEqual({ text: 'x'.repeat(10), complete: true });
  });

  it('is empty where there is nothing to begin with', async () => {
    const parts = await all(fakeGenerator('x'), '', 20, { ...tokenizer, bosId: undefined });
    expect(parts).toEqual([{ text: '', complete: true }]);
  });
});
