import type { Tokenizer } from '../../../src/engine/data/tokenizer';

/** What ids 3 and following stand for, to the end of a vocabulary of 67; "qu" is one token. */
const PIECES = ['qu', ...Array.from(' abcdefghijklmnopqrstuvwxyz0123456789.,:;!?()[]{}<>+-*/=_#\n~äöü')];

/** Ids 0 to 2 are BOS, EOS and what is unknown, every other is one of the pieces, the longest match first. */
export const letterTokenizer: Tokenizer = {
  vocabSize: 3 + PIECES.length,
  bosId: 0,
  eosIds: [1],
  chatTemplate: undefined,
  encode: (text) => (text.match(/qu|[^]/gu) ?? []).map((piece) => 3 + PIECES.indexOf(piece)),
  decode: (ids) => ids.map((id) => PIECES[id - 3] ?? '').join(''),
};
