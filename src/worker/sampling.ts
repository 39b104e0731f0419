import { encodeText } from '../engine/data/guard';
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
  const given = tokenizer.decode(ids);
  const made: number[] = [];
  let text = '';
  const options = { max_new_tokens: newTokens, temperature: 0, seed: 0 };
  for await (const token of generator.generate(ids, options)) {
    made.push(token);
    // Decoded together with the prompt: alone, the first token would lose its space.
    const whole = tokenizer.decode([...ids, ...made]);
    text = whole.startsWith(given) ? whole.slice(given.length) : tokenizer.decode(made);
    yield { text, complete: false };
  }
  yield { text, complete: true };
}
