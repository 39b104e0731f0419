import { describe, expect, test } from 'vitest';
import { rowsOf, textWindows, tokenizeRecords } from '../../../src/engine/data/examples';
import type { DataRecord } from '../../../src/engine/data/record';
import { characterTokenizer, spell, spellTrained } from './characterTokenizer';

const completion = (prompt: string, answer: string): DataRecord => ({
  at: 7,
  task: 'law',
  content: { kind: 'completion', prompt, completion: answer },
});
const text = (content: string): DataRecord => ({
  at: 1,
  task: undefined,
  content: { kind: 'text', text: content },
});

describe('examples longer than a line', () => {
  const fit = (prompt: string, answer: string, maxLength: number) => {
    const { examples, truncated } = tokenizeRecords(
      [completion(prompt, answer)],
      characterTokenizer(),
      maxLength,
    );
    return { truncated, ids: spell(examples[0]!.ids), trained: spellTrained(examples[0]!) };
  };

  test('are left alone as long as their inputs fit', () => {
    // BOS + 4 + 4 + EOS are ten tokens in nine rows.
    expect(fit('abcd', 'efgh', 9)).toEqual({ truncated: 0, ids: '<s>abcdefgh</s>', trained: '·efgh</s>' });
  });

  test('lose the end of a long answer', () => {
    expect(fit('ab', 'cdefghijkl', 7)).toEqual({ truncated: 1, ids: '<s>abcdefg', trained: '·cdefg' });
  });

  test('lose the middle of a long prompt, never its beginning and end', () => {
    expect(fit('abcdefghijkl', 'yz', 7)).toEqual({ truncated: 1, ids: '<s>abklyz</s>', trained: '·yz</s>' });
  });

  test('keep half of the line for the answer when both are too long', () => {
    expect(fit('abcdefghijkl', 'opqrstuvwxyz', 7)).toEqual({
      truncated: 1,
      ids: '<s>aklopqr',
      trained: '·opqr',
    });
  });
});

describe('a long text', () => {
  test.each([1, 2, 3, 5, 8, 100])('in windows of %i rows predicts each token once', (window) => {
    const { examples, truncated } = tokenizeRecords([text('abcdefghij')], characterTokenizer(), window);
    expect(truncated).toBe(0);
    expect(examples.every((example) => rowsOf(example) <= window)).toBe(true);
    const targets = examples.flatMap(({ ids, train }) => [...ids].filter((_, index) => train[index] === 1));
    expect(spell(targets)).toBe('abcdefghij</s>');
  });

  test('of one token without BOS and EOS has nothing to predict', () => {
    const tokenizer = characterTokenizer({ bosId: undefined, eosIds: [] });
    expect(tokenizeRecords([text('a')], tokenizer, 8)).toEqual({
      examples: [],
      truncated: 0,
      problems: [{ at: 1, reason: 'too short to predict anything' }],
    });
  });
});

describe('windows of a text that is scored', () => {
  const scored = (windows: ReturnType<typeof textWindows>) =>
    windows.map(({ ids, train }) => [[...ids], [...train]]);

  test('with BOS every token is scored, once, and no EOS is added', () => {
    expect(scored(textWindows([5, 6, 7, 8, 9], 1, 2))).toEqual([
      [
        [1, 5, 6],
        [0, 1, 1],
      ],
      [
        [6, 7, 8],
        [0, 1, 1],
      ],
      [
        [8, 9],
        [0, 1],
      ],
    ]);
  });

  test('without BOS every token but the first', () => {
    expect(scored(textWindows([5, 6, 7], undefined, 8))).toEqual([
      [
        [5, 6, 7],
        [0, 1, 1],
      ],
    ]);
    expect(textWindows([5], undefined, 8)).toEqual([]);
    expect(textWindows([], 1, 8)).toEqual([]);
  });
});

test('task labels travel with the examples', () => {
  expect(tokenizeRecords([completion('a', 'b')], characterTokenizer(), 8).examples[0]!.task).toBe('law');
});
