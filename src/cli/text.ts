import type { Tokenizer } from '../engine/data/tokenizer';

/** The text of a continuation while its tokens arrive. */
export class Continuation {
  readonly #tokenizer: Tokenizer;
  readonly #prompt: readonly number[];
  readonly #before: string;
  readonly #ids: number[] = [];
  #shown = '';

  constructor(tokenizer: Tokenizer, prompt: readonly number[]) {
    this.#tokenizer = tokenizer;
    this.#prompt = prompt;
    this.#before = tokenizer.decode(prompt);
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

  /** Takes the next token and returns the text that is now certain and has not been returned before. */
  add(id: number): string {
    this.#ids.push(id);
    // A character may be spread over several tokens; until it is complete it decodes to U+FFFD.
    return this.#advance(this.text.replace(/\uFFFD+$/, ''));
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
