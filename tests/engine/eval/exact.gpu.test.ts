import { afterAll, beforeAll, expect, it } from 'vitest';
import { openBeside, openPath } from '../../../src/cli/files';
import {
  attachAdapter,
  loadBaseModel,
  matchExactly,
  openDevice,
  openExactMatcher,
  type BaseModel,
  type ExactQuestion,
} from '../../../src/engine';
import type { ByteSource } from '../../../src/engine/formats/byteSource';
import { openLlama2c } from '../../../src/engine/formats/llama2c';
import { describeGpu, testGpu } from '../../support/dawn';
import { gradientFixture } from '../../support/fixture';
import { randomIntegers } from '../../support/random';
import { hasSharedData, sharedData } from '../../support/sharedData';
import { letterTokenizer } from './letterTokenizer';

/** llama2.c continues so, greedily (model/generate.gpu.test.ts has the ids). */
const PROMPT = 'Once upon a time, there was';
const CONTINUATION = 'a little girl';

describeGpu('exact match of what stories260K writes', () => {
  let base: BaseModel;

  beforeAll(async () => {
    if (!hasSharedData) return;
    const gpu = await openDevice((await testGpu())!);
    const path = sharedData('checkpoints/stories260K/stories260K.bin');
    const [file, beside] = await Promise.all([openPath(path), openBeside(path)]);
    base = await loadBaseModel(gpu, await openLlama2c(file as ByteSource, beside));
  });

  const question = (changes: Partial<ExactQuestion>): ExactQuestion => ({
    task: 'story',
    prompt: PROMPT,
    target: '',
    stop: [],
    maxNewTokens: 12,
    judge: (text) => text.trim() === changes.target,
    ...changes,
  });

  async function answers(questions: readonly ExactQuestion[]) {
    return (await matchExactly(base, base.tokenizer!, questions)).map(({ text, right }) => ({ text, right }));
  }

  it.skipIf(!hasSharedData)(
    'cuts an answer in front of the earliest stop text, within a token too',
    async () => {
      const found = await answers([
        question({ stop: ['named', 'girl'], target: 'a little' }),
        question({ stop: ['ttle'], target: 'a li' }),
        question({ stop: ['tle girl', 'never'], target: 'a lit' }),
        question({ stop: ['a little'], target: '' }),
      ]);
      expect(found.map(({ text }) => text.trim())).toEqual(['a little', 'a li', 'a lit', '']);
      expect(found.every(({ right }) => right)).toBe(true);
    },
  );

  it.skipIf(!hasSharedData)(
    'takes what there is where no stop text comes, and lets the question judge',
    async () => {
      const [right, wrong, one] = await answers([
        question({ judge: (text) => text.includes(CONTINUATION) }),
        question({ target: 'a little boy' }),
        question({ maxNewTokens: 1 }),
      ]);
      expect(right).toMatchObject({ right: true });
      expect(wrong).toEqual({ text: right!.text, right: false });
      expect(right!.text.startsWith(one!.text)).toBe(true);
      expect(one!.text.length).toBeLessThan(right!.text.length);
    },
  );

  it.skipIf(!hasSharedData)(
    'drops the beginning of a prompt that leaves no room for the answer',
    async () => {
      const { maxPositions } = base.config;
      const tail = ' Once upon a time, there was a little girl named Lily.';
      const long = tail.repeat(80);
      expect(base.tokenizer!.encode(long).length).toBeGreaterThan(maxPositions);
      const [first, second, short] = await matchExactly(base, base.tokenizer!, [
        question({ prompt: long, maxNewTokens: 4 }),
        question({ prompt: `The cat sat. ${long}`, maxNewTokens: 4 }),
        question({ maxNewTokens: 4 }),
      ]);
      expect(first!.text).not.toBe('');
      expect(second!.text).toBe(first!.text);
      expect([first, second, short].map((result) => result!.isCut)).toEqual([true, true, false]);
    },
  );

  it.skipIf(!hasSharedData)('refuses answers that take every position of the model', async () => {
    const tooMany = question({ maxNewTokens: base.config.maxPositions });
    await expect(answers([tooMany])).rejects.toThrow(/task story: its answers may take 512 tokens/);
    await expect(answers([])).rejects.toThrow('questions: there is none;');
  });

  it.skipIf(!hasSharedData)('stops when it is told to, and answers afterwards as if it had not', async () => {
    const matcher = await openExactMatcher(base, base.tokenizer!, [
      question({}),
      question({ stop: ['girl'] }),
    ]);
    const stop = new AbortController();
    const seen: string[] = [];
    const onProgress = (done: number, total: number) => {
      seen.push(`${done}/${total}`);
      stop.abort(new Error('enough'));
    };
    await expect(matcher.match({ onProgress, signal: stop.signal })).rejects.toThrow('enough');
    expect(seen).toEqual(['1/2']);
    const found = await matcher.match();
    expect(found[1]!.text.trim()).toBe('a little');
    expect(found).toEqual(await matcher.match());
    matcher.destroy();
  });

  afterAll(() => {
    if (hasSharedData) base.destroy();
  });
});

describeGpu('many questions at once', () => {
  it.each(['the base model', 'an adapter'])(
    'are answered with %s as each of them is answered alone',
    async (what) => {
      const { checkpoint, adapter: settings, values } = await gradientFixture('masa');
      const base = await loadBaseModel(await openDevice((await testGpu())!), checkpoint);
      const attached =
        what === 'an adapter' ? await attachAdapter(base.gpu, base.config, settings, values) : undefined;
      // More than there are places, so that some begin when others end; prompts of 1 to 83 tokens.
      const questions = Array.from({ length: 90 }, (_, i): ExactQuestion => {
        const letters = Array.from(randomIntegers((i * 29) % 83, 26, i + 1), (id) => 97 + id);
        return {
          task: 'letters',
          prompt: String.fromCharCode(...letters),
          target: '',
          stop: i % 3 === 0 ? ['a', 'e'] : [],
          maxNewTokens: 1 + (i % 12),
          judge: (text) => text === '',
        };
      });
      const ask = async (some: readonly ExactQuestion[]) =>
        (await matchExactly(base, letterTokenizer, some, { adapter: attached })).map(({ text }) => text);
      const together = await ask(questions);
      expect(new Set(together).size).toBeGreaterThan(20);
      for (const index of [0, 1, 20, 63, 64, 77, 89]) {
        expect(await ask([questions[index]!]), `question ${index}`).toEqual([together[index]]);
      }
      attached?.destroy();
      base.destroy();
    },
  );
});
