import { UserError } from '../config/errors';
import { chatPrompt, textPrompt } from '../engine/data/prompt';
import { TextStream } from '../engine/data/textStream';
import type { Tokenizer } from '../engine/data/tokenizer';
import type { Generator } from '../engine/model/generate';
import type { ChatEnd, ChatEvent, ChatPrompt, ChatSettings, ChatSide, ChatVoice } from './chatProtocol';

/** A prompt as tokens that the model has room for. */
export interface FittedPrompt {
  readonly side: ChatSide;
  /** What the model reads: the prompt and what was written behind it, fewer by `cut` at the beginning. */
  readonly ids: readonly number[];
  /** The prompt alone, whole. */
  readonly prompt: readonly number[];
  readonly written: readonly number[];
  readonly cut: number;
}

/**
 * Tokenises a prompt. A text that leaves too little room for new tokens loses its beginning, as the samples of a run
 * do, so that it can be continued for ever; a conversation is not cut, because its template has a beginning.
 *
 * @param positions that the model knows
 * @param newTokens wanted behind it; of a text at most half of the positions are kept free for them
 * @throws UserError where a conversation leaves no room, or has no template
 */
export function fitPrompt(
  { side, before, written }: ChatPrompt,
  tokenizer: Tokenizer,
  positions: number,
  newTokens: number,
): FittedPrompt {
  if (typeof before !== 'string') {
    const prompt = chatPrompt(before, tokenizer);
    const ids = [...prompt, ...written];
    if (ids.length >= positions) {
      const problem = `the conversation has ${ids.length} tokens and the model knows ${positions} positions`;
      throw new UserError('Chat', problem, 'begin a new conversation');
    }
    return { side, ids, prompt, written, cut: 0 };
  }
  const prompt = textPrompt(before, tokenizer);
  const start = tokenizer.bosId === undefined ? [] : prompt.slice(0, 1);
  const rest = [...prompt.slice(start.length), ...written];
  const room = positions - start.length - Math.min(newTokens, Math.floor(positions / 2));
  const cut = Math.max(0, rest.length - room);
  return { side, ids: [...start, ...rest.slice(cut)], prompt, written, cut };
}

interface Speech {
  readonly prompt: FittedPrompt;
  readonly settings: ChatSettings;
  readonly tokenizer: Tokenizer;
  /** Ends it after the token under way, which is dropped. */
  readonly signal: AbortSignal;
  /** Told how many tokens of the prompt are read. */
  readonly onRead: (done: number) => void;
}

/** One side, writing. */
export class Voice {
  readonly #speech: Speech;
  readonly #positions: number;
  readonly #tokens: AsyncGenerator<number, void, undefined>;
  readonly #stream: TextStream;
  #made = 0;
  /** When the first token came, in milliseconds. */
  #began = 0;
  #tokensPerSecond: number | undefined;
  #end: ChatEnd | undefined;

  /** @param positions that the model knows */
  constructor(speech: Speech, generator: Generator, positions: number) {
    const { prompt, settings, tokenizer, signal, onRead } = speech;
    this.#speech = speech;
    this.#positions = positions;
    this.#stream = new TextStream(tokenizer, prompt.prompt, prompt.written);
    // What goes on draws other numbers than what it goes on from.
    const seed = (settings.seed + prompt.written.length) >>> 0;
    this.#tokens = generator.generate(prompt.ids, { ...settings, seed, signal, onPrompt: onRead });
  }

  /** Takes the next token, or finds that there is none. */
  async next(): Promise<void> {
    const { value, done } = await this.#tokens.next();
    const { signal, tokenizer } = this.#speech;
    if (signal.aborted) this.#end = 'stopped';
    else if (done === true) this.#end = this.#reason();
    // generation_config.json may name ends that the model's own configuration does not.
    else if (tokenizer.eosIds.includes(value)) this.#end = 'ended';
    else this.#take(value);
  }

  get progress(): Omit<Extract<ChatEvent, { type: 'chatText' }>, 'type' | 'id'> {
    return {
      side: this.#speech.prompt.side,
      text: this.#stream.settled,
      tokens: this.#made,
      done: this.#end !== undefined,
      tokensPerSecond: this.#tokensPerSecond,
    };
  }

  /** To be read when it is done. */
  get result(): ChatVoice {
    const { side, cut } = this.#speech.prompt;
    const { settled: text, ids: written } = this.#stream;
    return { side, text, written: [...written], end: this.#end ?? 'stopped', cut };
  }

  /** Lets the generator go, wherever it is. */
  async close(): Promise<void> {
    await this.#tokens.return();
  }

  #take(token: number): void {
    this.#stream.add(token);
    this.#made++;
    if (this.#made === 1) this.#began = performance.now();
    else this.#tokensPerSecond = (1000 * (this.#made - 1)) / (performance.now() - this.#began);
  }

  #reason(): ChatEnd {
    const { prompt, settings } = this.#speech;
    if (this.#made === settings.max_new_tokens) return 'length';
    return prompt.ids.length + this.#made >= this.#positions ? 'full' : 'ended';
  }
}
