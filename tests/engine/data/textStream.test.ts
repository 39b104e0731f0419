import { describe, expect, test } from 'vitest';
import { TextStream } from '../../../src/engine/data/textStream';
import type { Tokenizer } from '../../../src/engine/data/tokenizer';

const bytes = (text: string) => [...new TextEncoder().encode(text)];

/** A token a byte; like SentencePiece it drops the space in front of a text. */
const tokenizer: Tokenizer = {
  vocabSize: 256,
  bosId: undefined,
  eosIds: [],
  chatTemplate: undefined,
  encode: bytes,
  decode: (ids) => new TextDecoder().decode(Uint8Array.from(ids)).replace(/^ /, ''),
};

describe('a continuation', () => {
  test('keeps the space between prompt and text', () => {
    const continuation = new TextStream(tokenizer, bytes('Once'));
    for (const id of bytes(' upon')) continuation.add(id);
    expect(continuation.text).toBe(' upon');
    expect(continuation.ids).toEqual(bytes(' upon'));
  });

  test('is streamed character by character, never half of one', () => {
    const continuation = new TextStream(tokenizer, bytes('a'));
    expect(bytes('bé😀c').map((id) => continuation.add(id))).toEqual(['b', '', 'é', '', '', '', '😀', 'c']);
    expect(continuation.rest()).toBe('');
  });

  test('gives at the end what never became a character', () => {
    const continuation = new TextStream(tokenizer, []);
    expect(continuation.add(0xf0)).toBe('');
    expect(continuation.rest()).toBe('\uFFFD');
  });
});
