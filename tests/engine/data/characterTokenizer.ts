import type { Tokenizer } from '../../../src/engine/data/tokenizer';

const CONTROL = ['<s>', '</s>', '<|im_start|>', '<|im_end|>'];

/**
 * A tokenizer small enough to be read: ids 0 to 3 are control tokens, every other character is one token. Like
 * the real ones it matches control strings wherever they occur in what it is given.
 */
export function characterTokenizer(changes: Partial<Tokenizer> = {}): Tokenizer {
  const characters = Array.from({ length: 512 }, (_, code) => String.fromCharCode(code));
  const control = new Map(CONTROL.map((text, id) => [text, id]));
  const pattern = new RegExp(`${CONTROL.map((text) => text.replaceAll('|', '\\|')).join('|')}|[^]`, 'gu');
  return {
    vocabSize: CONTROL.length + characters.length,
    bosId: 0,
    eosIds: [1, 3],
    chatTemplate: undefined,
    specialTokens: control,
    encode: (text) =>
      (text.match(pattern) ?? []).map(
        (part) => control.get(part) ?? CONTROL.length + (part.codePointAt(0) ?? 0),
      ),
    decode: (ids) => ids.map((id) => characters[id - CONTROL.length] ?? '').join(''),
    ...changes,
  };
}

/** Ids as a readable text, control tokens included. */
export function spell(ids: Iterable<number>): string {
  return Array.from(ids, (id) => CONTROL[id] ?? String.fromCodePoint(id - CONTROL.length)).join('');
}

/** The tokens of an example that the loss counts, as text; runs of others become `·`. */
export function spellTrained(example: { ids: Uint32Array; train: Uint8Array }): string {
  return Array.from(example.ids, (id, index) => (example.train[index] === 1 ? spell([id]) : '\0'))
    .join('')
    .replace(/\0+/g, '·');
}
