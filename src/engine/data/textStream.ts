import type { Tokenizer } from './tokenizer';

/** The text of a continuation while its tokens arrive; special tokens are not part of it. */
export class TextStream {
  readonly #tokenizer: Tokenizer;
  readonly #prompt: readonly number[];
  readonly #before: string;
  readonly #ids: number[];
  #shown = '';

  /** @param written tokens of the continuation that are there already */
  constructor(tokenizer: Tokenizer, prompt: readonly number[], written: readonly number[] = []) {
    this.#tokenizer = tokenizer;
    this.#prompt = prompt;
    this.#before = tokenizer.decode(prompt);
    this.#ids = [...written];
  }

  get ids(): readonly number[] {
    return this.#ids;
  }

  /**
   * The continuation, without the prompt. Tokens are decoded together with the prompt, because many tokenizers
   * drop the space in front of the first token of a text.
   */
  get text(): string {
    const whole = this.#tokenizer.decode([...this.#prompt, ...this.#ids]);
    return whole.startsWith(this.#before)
      ? whole.slice(this.#before.length)
      : this.#tokenizer.decode(this.#ids);
  }

  /**
   * The text without what stands at its end as U+FFFD: a character may be spread over several tokens, and decodes to
   * that until it is complete.
   */
  get settled(): string {
    return this.text.replace(/\uFFFD+$/, '');
  }

  /** Takes the next token and returns the text that is now certain and has not been returned before. */
  add(id: number): string {
    this.#ids.push(id);
    return this.#advance(this.settled);
  }

  /** The text that `add` held back. */
  rest(): string {
    return this.#advance(this.text);
  }

  #advance(text: string): string {
    if (!text.startsWith(this.#shown)) return '';
    const fresh = text.slice(this.#shown.length);
    this.#shown = text;
    return fresh;
  }
}
