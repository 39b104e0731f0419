import { encodeText } from '../engine/data/guard';
import { TextStream } from '../engine/data/textStream';
import type { Tokenizer } from '../engine/data/tokenizer';
import type { Generator } from '../engine/model/generate';
import type { LlamaConfig } from '../engine/model/llamaConfig';

/** Tokens of a continuation. */
const NEW_TOKENS = 64;
/** Tokens of prompt and continuation together: enough for a paragraph, little memory. */
const CAPACITY = 256;

/** Size of the generator that makes the samples of a run. */
export function samplingCapacity(config: LlamaConfig): number {
  return Math.min(config.maxPositions, CAPACITY);
}

/**
 * Continues a prompt greedily, so that two samples differ only by what the adapter has learned. Yields the text
 * so far, without the prompt, after every token, and once more when it is complete.
 *
 * @param capacity tokens that the generator has room for; of a longer prompt only the end is used
 */
export async function* continueText(
  generator: Generator,
  tokenizer: Tokenizer,
  prompt: string,
  capacity: number,
): AsyncGenerator<{ readonly text: string; readonly complete: boolean }, void, undefined> {
  const newTokens = Math.min(NEW_TOKENS, Math.ceil(capacity / 2));
  const start = tokenizer.bosId === undefined ? [] : [tokenizer.bosId];
  const room = capacity - newTokens - start.length;
  const ids = [...start, ...encodeText(prompt, tokenizer).slice(-room)];
  if (ids.length === 0) {
    yield { text: '', complete: true };
    return;
  }
  const stream = new TextStream(tokenizer, ids);
  const options = { max_new_tokens: newTokens, temperature: 0, seed: 0 };
  for await (const token of generator.generate(ids, options)) {
    stream.add(token);
    yield { text: stream.settled, complete: false };
  }
  yield { text: stream.text, complete: true };
}
