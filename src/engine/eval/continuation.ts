import { UserError } from '../../config/errors';
import type { Tokenizer } from '../data/tokenizer';

/** A continuation to be scored behind its context, as tokens. */
export interface Continuation {
  /** Context, then continuation, at most `maxPositions + 1`: the last is predicted but never an input. */
  readonly ids: readonly number[];
  /** How many of the ids, at the end, are the continuation; at least 1, and at least one id stands before them. */
  readonly scored: number;
}

/** A continuation whose context may have been longer than the model's positions. */
export interface TokenizedContinuation extends Continuation {
  /** Whether tokens at the left were dropped. */
  readonly isCut: boolean;
}

/** What Python's str.rstrip takes away; trimEnd of JavaScript takes other characters. */
const TRAILING_BLANKS = /[\t-\r\x1c-\x20\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+$/u;

/**
 * Tokenises the continuations of one context as lm-evaluation-harness 0.4.13 does (`_encode_pair`,
 * `_loglikelihood_tokens`): blanks at the end of the context move to the continuation; both are tokenised as one text,
 * whose tokens from the number of those of the context alone on are the continuation's, and are put behind the
 * context's own. What is too long loses tokens at the left. Where the context is empty, BOS (or EOS in a model without)
 * stands in for it.
 *
 * The context alone is encoded once for all of them. Each text of both is encoded whole: what stands behind may change
 * any token in front of it, and no tokenizer says how far back.
 *
 * @param maxPositions positions that the model knows
 * @returns one a continuation, in order
 * @throws UserError when a continuation has no token of its own, or more than the model has positions
 */
export function tokenizeContinuations(
  tokenizer: Tokenizer,
  context: string,
  continuations: readonly string[],
  maxPositions: number,
): TokenizedContinuation[] {
  const [blanks = ''] = TRAILING_BLANKS.exec(context) ?? [];
  const before = context.slice(0, context.length - blanks.length);
  const start = before === '' ? contextStandIn(tokenizer) : encodeFromStart(tokenizer, before);
  return continuations.map((continuation) => {
    const behind = blanks + continuation;
    const whole =
      before === ''
        ? standBefore(start, tokenizer.encode(behind))
        : encodeFromStart(tokenizer, before + behind);
    const scored = whole.length - start.length;
    if (scored < 1) {
      const problem = 'it adds no token of its own to the text before it';
      throw new UserError(
        `choice ${JSON.stringify(continuation)}`,
        problem,
        'change the choice or the prompt',
      );
    }
    if (scored > maxPositions) {
      const problem = `it has ${scored} tokens and the model ${maxPositions} positions`;
      throw new UserError(`choice ${JSON.stringify(shortened(continuation))}`, problem, 'shorten it');
    }
    // The context keeps its own tokens, also where the continuation would have changed them.
    const ids = [...start, ...whole.slice(start.length)];
    return { ids: ids.slice(-(maxPositions + 1)), scored, isCut: ids.length > maxPositions + 1 };
  });
}

/**
 * Ids of a text as a model reads it from its beginning: with a BOS in front where the tokenizer has one. Control
 * strings in it become control tokens, as in lm-evaluation-harness.
 */
export function encodeFromStart(tokenizer: Tokenizer, text: string): number[] {
  const ids = tokenizer.encode(text);
  const { bosId } = tokenizer;
  return bosId === undefined || ids[0] === bosId ? ids : [bosId, ...ids];
}

function contextStandIn({ bosId, eosIds }: Tokenizer): readonly number[] {
  const id = bosId ?? eosIds[0];
  if (id !== undefined) return [id];
  throw new UserError('question', 'its context is empty and the model has no BOS', 'give it a context');
}

/** A text that begins with the stand-in itself gives its first token up for it. */
function standBefore(standIn: readonly number[], ids: readonly number[]): readonly number[] {
  return ids[0] === standIn[0] ? ids : [...standIn, ...ids];
}

function shortened(text: string): string {
  return text.length > 40 ? `${text.slice(0, 40)}…` : text;
}
