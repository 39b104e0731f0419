import { UserError } from '../../config/errors';
import type { Tokenizer } from '../data/tokenizer';
import { MergeHeap } from './mergeHeap';
import { MergeSeams } from './mergeSeams';

const UNK = 0;
const BOS = 1;
const EOS = 2;
/** Ids 3 to 258 stand for the bytes 0 to 255. */
const FIRST_BYTE = 3;
const FIRST_PIECE = FIRST_BYTE + 256;
/** Words repeat: their ids are kept, up to this many and this long. */
const CACHED_PIECES = 20_000;
const CACHED_LENGTH = 32;

interface Vocabulary {
  readonly pieces: readonly Uint8Array[];
  readonly scores: Float32Array;
}

/**
 * Reads llama2.c's `tokenizer.bin`: int32 longest token, then for each token f32 score, int32 length, bytes.
 * The number of tokens is not in the file, so it must be given. Throws UserError where the file does not hold
 * exactly that many. Encoding is SentencePiece's BPE as in llama2.c's run.c: a space before the text, then the
 * pair with the best score is joined first, and characters outside the vocabulary become bytes.
 * https://github.com/karpathy/llama2.c
 */
export function readLlama2cTokenizer(file: string, bytes: Uint8Array, vocabSize: number): Tokenizer {
  const { pieces, scores } = readVocabulary(file, bytes, vocabSize);
  const utf8 = new TextEncoder();
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true }); // a byte order mark is a token like others
  // Specials and byte tokens are never matched by text that happens to spell them.
  const ids = new Map<string, number>();
  for (let id = FIRST_PIECE; id < vocabSize; id++) {
    const text = decoder.decode(pieces[id]);
    if (!ids.has(text)) ids.set(text, id);
  }
  const score = (text: string): number | undefined => {
    const id = ids.get(text);
    return id === undefined ? undefined : scores[id];
  };
  const seams = new MergeSeams(neighbours(ids.keys()));
  const known = new Map<string, number[]>();
  const encodePiece = (text: string): number[] => {
    const before = known.get(text);
    if (before !== undefined) return before;
    const encoded = joinPairs(Array.from(text), score).flatMap((symbol) => {
      const id = ids.get(symbol);
      return id === undefined ? Array.from(utf8.encode(symbol), (byte) => byte + FIRST_BYTE) : [id];
    });
    if (known.size >= CACHED_PIECES) known.clear();
    if (text.length <= CACHED_LENGTH) known.set(text, encoded);
    return encoded;
  };
  return {
    vocabSize,
    bosId: BOS,
    eosIds: [EOS, BOS], // a story ends with EOS or, in the TinyStories models, with the next BOS
    chatTemplate: undefined,
    encode: (text) => (text === '' ? [] : seams.split(` ${text}`).flatMap(encodePiece)),
    decode: (tokens) => {
      const parts = tokens.flatMap((id) => {
        if (id === UNK || id === BOS || id === EOS) return [];
        return id < FIRST_PIECE ? [id - FIRST_BYTE] : Array.from(pieces[id] ?? []);
      });
      const text = decoder.decode(Uint8Array.from(parts));
      return text.startsWith(' ') ? text.slice(1) : text; // the space that encoding put there
    },
  };
}

/** Every two characters that stand side by side in a token: where two parts of it may have been joined. */
function* neighbours(tokens: Iterable<string>): Generator<[string, string]> {
  for (const token of tokens) {
    let previous = '';
    for (const character of token) {
      if (previous !== '') yield [previous, character];
      previous = character;
    }
  }
}

/** Joins neighbouring symbols, best score first and leftmost among equals, until no pair is a token. */
function joinPairs(symbols: string[], score: (text: string) => number | undefined): string[] {
  const next = symbols.map((_, index) => index + 1);
  const previous = symbols.map((_, index) => index - 1);
  const heap = new MergeHeap();
  const offer = (left: number): void => {
    const right = next[left];
    const text =
      right === undefined || right >= symbols.length ? '' : `${symbols[left] ?? ''}${symbols[right] ?? ''}`;
    const value = text === '' ? undefined : score(text);
    if (value !== undefined) heap.push({ score: value, left, text });
  };
  symbols.forEach((_, index) => {
    offer(index);
  });
  for (let best = heap.pop(); best !== undefined; best = heap.pop()) {
    const { left, text } = best;
    const right = next[left] ?? symbols.length;
    const leftText = symbols[left] ?? '';
    // An entry is stale when either of its symbols has been joined to something since; '' marks a dead one.
    if (leftText === '' || right >= symbols.length || leftText + (symbols[right] ?? '') !== text) continue;
    symbols[left] = text;
    symbols[right] = '';
    const after = next[right] ?? symbols.length;
    next[left] = after;
    if (after < symbols.length) previous[after] = left;
    offer(left);
    const before = previous[left] ?? -1;
    if (before >= 0) offer(before);
  }
  return symbols.filter((symbol) => symbol !== '');
}

function readVocabulary(file: string, bytes: Uint8Array, vocabSize: number): Vocabulary {
  const refuse = (problem: string): never => {
    const remedy = 'put the tokenizer file of this model beside it';
    throw new UserError(file, `not the llama2.c tokenizer of ${vocabSize} tokens: ${problem}`, remedy);
  };
  if (vocabSize < FIRST_PIECE) refuse(`fewer than the ${FIRST_PIECE} tokens that every such tokenizer has`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const scores = new Float32Array(vocabSize);
  const pieces: Uint8Array[] = [];
  let at = 4;
  for (let id = 0; id < vocabSize; id++) {
    if (at + 8 > bytes.byteLength) refuse(`it ends after ${id} tokens`);
    scores[id] = view.getFloat32(at, true);
    const length = view.getInt32(at + 4, true);
    at += 8;
    if (length < 0 || at + length > bytes.byteLength) refuse(`token ${id} reaches past the end of the file`);
    pieces.push(bytes.subarray(at, at + length));
    at += length;
  }
  if (at !== bytes.byteLength) refuse(`${bytes.byteLength - at} bytes follow the last token`);
  const firstByte = new TextDecoder().decode(pieces[FIRST_BYTE]);
  if (firstByte !== '<0x00>') refuse(`token ${FIRST_BYTE} is ${JSON.stringify(firstByte)}, not "<0x00>"`);
  return { pieces, scores };
}
