import { expect, it } from 'vitest';
import { tokenizeContinuations } from '../../../src/engine/eval/continuation';
import type { Tokenizer } from '../../../src/engine/data/tokenizer';
import { letterTokenizer } from './letterTokenizer';

/** Context and continuation as texts, control tokens as numbers. */
function cut(
  context: string,
  continuation: string,
  maxPositions = 100,
  tokenizer: Tokenizer = letterTokenizer,
) {
  const { ids, scored } = tokenizeContinuations(tokenizer, context, [continuation], maxPositions)[0]!;
  const spell = (part: readonly number[]) =>
    part.map((id) => (id < 3 ? `<${id}>` : tokenizer.decode([id]))).join('|');
  return [spell(ids.slice(0, -scored)), spell(ids.slice(-scored))];
}

it('begins with the BOS and cuts behind the context', () => {
  expect(cut('is it', ' so')).toEqual(['<0>|i|s| |i|t', ' |s|o']);
});

it('moves every blank at the end of the context to the continuation, as Python strips it', () => {
  expect(cut('it \n\t', 'so', 100, blankTokenizer)).toEqual(['<0>|i|t', ' |\n|\t|s|o']);
  expect(cut('it\u00a0', 'so', 100, blankTokenizer)).toEqual(['<0>|i|t', '\u00a0|s|o']);
  // No blank for Python, though JavaScript trims it.
  expect(cut('it\ufeff', 'so', 100, blankTokenizer)).toEqual(['<0>|i|t|\ufeff', 's|o']);
});

it('takes the tokens of both as one text behind as many as the context alone has, and puts them behind those', () => {
  // "q" and "u" become one token of the text, so that the cut falls behind both; the context keeps its "q".
  expect(cut('iq', 'ua')).toEqual(['<0>|i|q', 'a']);
});

it('puts the BOS, or else the EOS, before a continuation without context', () => {
  expect(cut('', 'so')).toEqual(['<0>', 's|o']);
  expect(cut('  ', 'so')).toEqual(['<0>', ' | |s|o']);
  expect(cut('', 'so', 100, { ...letterTokenizer, bosId: undefined })).toEqual(['<1>', 's|o']);
  expect(cut('i', 's', 100, { ...letterTokenizer, bosId: undefined })).toEqual(['i', 's']);
});

it('does not put a second BOS before a text that brings one', () => {
  const encode = (text: string) => [0, ...letterTokenizer.encode(text)];
  expect(cut('i', 's', 100, { ...letterTokenizer, encode })).toEqual(['<0>|i', 's']);
});

it('keeps the end of what is longer than the positions and the one token that is only predicted', () => {
  expect(cut('abcdef', 'xyz', 9)).toEqual(['<0>|a|b|c|d|e|f', 'x|y|z']);
  expect(cut('abcdef', 'xyz', 5)).toEqual(['d|e|f', 'x|y|z']);
  expect(cut('abcdef', 'xyz', 3)).toEqual(['f', 'x|y|z']);
});

it('says whether anything was cut', () => {
  const isCut = (maxPositions: number) =>
    tokenizeContinuations(letterTokenizer, 'abc', ['xyz'], maxPositions)[0]!.isCut;
  // BOS and six letters, of which the last is only predicted.
  expect([5, 6, 7].map(isCut)).toEqual([true, false, false]);
});

it('gives each continuation what it would get alone, and encodes their context once', () => {
  const texts: string[] = [];
  const encode = (text: string) => {
    texts.push(text);
    return letterTokenizer.encode(text);
  };
  const choices = [' so', 'ua', 'a'];
  const together = tokenizeContinuations({ ...letterTokenizer, encode }, 'iq ', choices, 5);
  expect(texts).toEqual(['iq', ...choices.map((choice) => `iq ${choice}`)]);
  expect(together).toEqual(
    choices.map((choice) => tokenizeContinuations(letterTokenizer, 'iq ', [choice], 5)[0]),
  );
  expect(new Set(together.map(({ isCut }) => isCut)).size).toBe(2);
});

it('refuses a continuation without a token of its own, and one that the model cannot hold', () => {
  expect(() => cut('it', '')).toThrow('choice "": it adds no token of its own to the text before it;');
  expect(() => cut('iq', 'u')).toThrow('choice "u": it adds no token');
  expect(() => cut('it', 'abcd', 3)).toThrow('choice "abcd": it has 4 tokens and the model 3 positions;');
  expect(() => cut('', 'a', 9, { ...letterTokenizer, bosId: undefined, eosIds: [] })).toThrow(/no BOS/);
});

/** Every character is its code point. */
const blankTokenizer: Tokenizer = {
  ...letterTokenizer,
  encode: (text) => Array.from(text, (letter) => letter.codePointAt(0)!),
  decode: (ids) => String.fromCodePoint(...ids),
};
