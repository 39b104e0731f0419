import type { createGenerator, Generator } from '../engine/model/generate';
import { fitPrompt, Voice } from './chatVoice';
import type { ChatCommand, ChatEvent, ChatReply, ChatSide } from './chatProtocol';
import type { Subject } from './evaluation';
import { nothingTrained } from './faults';

/** The part of the engine that writes. */
export interface WritingEngine {
  readonly createGenerator: typeof createGenerator;
}

/** Tokens that a generator has room for at least; a longer text doubles it. */
const CAPACITY = 512;

/** A generator, and how many tokens it has room for. */
interface OpenGenerator {
  readonly generator: Generator;
  readonly capacity: number;
  /** The base model or the adapter that it writes with. */
  readonly of: object;
}

/**
 * Base model and adapter writing side by side. Their generators stay open between replies, so that either can be
 * asked at once; they only read the model and the adapter, whose bits stay what they are.
 */
export class Chat {
  readonly #engine: WritingEngine;
  readonly #post: (event: ChatEvent) => void;
  readonly #generators = new Map<ChatSide, OpenGenerator>();

  constructor(engine: WritingEngine, post: (event: ChatEvent) => void) {
    this.#engine = engine;
    this.#post = post;
  }

  /**
   * Lets the sides that are asked write at the same time. Once they write, the signal ends them after the token under
   * way and what they wrote is kept; before that it rejects with the signal's reason.
   *
   * @throws UserError where there is nothing to go on from, no room to go on, or only the adapter asked and none there
   */
  async reply(command: ChatCommand, subject: Subject, signal: AbortSignal): Promise<ChatReply> {
    signal.throwIfAborted();
    const { id, settings } = command;
    const { base, tokenizer, adapted } = subject;
    const prompts = command.prompts
      .filter(({ side }) => side === 'base' || adapted !== undefined)
      .map((prompt) => fitPrompt(prompt, tokenizer, base.config.maxPositions, settings.max_new_tokens));
    if (prompts.length === 0) throw nothingTrained();
    const longest = Math.max(...prompts.map(({ ids }) => ids.length));
    const voices: Voice[] = [];
    const total = prompts.reduce((sum, { ids }) => sum + ids.length, 0);
    const read = new Map<ChatSide, number>();
    const reading = () => {
      const done = [...read.values()].reduce((sum, tokens) => sum + tokens, 0);
      this.#post({ type: 'chatStage', id, stage: 'reading', done, total });
    };
    for (const prompt of prompts) {
      const generator = await this.#open(id, prompt.side, subject, longest + settings.max_new_tokens);
      signal.throwIfAborted();
      const onRead = (done: number) => {
        read.set(prompt.side, done);
        reading();
      };
      const speech = { prompt, settings, tokenizer, signal, onRead };
      voices.push(new Voice(speech, generator, base.config.maxPositions));
    }
    reading();
    try {
      await this.#write(id, voices);
    } finally {
      await Promise.allSettled(voices.map((voice) => voice.close()));
    }
    return { voices: voices.map((voice) => voice.result), step: adapted?.step };
  }

  /** Frees the generators: before the model or the adapter that they read goes, and where room is wanted. */
  close(): void {
    for (const { generator } of this.#generators.values()) generator.destroy();
    this.#generators.clear();
  }

  /** A token of each side at a time, so that neither runs ahead. */
  async #write(id: number, voices: readonly Voice[]): Promise<void> {
    let writing = voices;
    while (writing.length > 0) {
      await Promise.all(writing.map((voice) => voice.next()));
      for (const voice of writing) this.#post({ type: 'chatText', id, ...voice.progress });
      writing = writing.filter(({ progress }) => !progress.done);
    }
  }

  async #open(id: number, side: ChatSide, { base, adapted }: Subject, tokens: number): Promise<Generator> {
    const adapter = side === 'adapter' ? adapted?.adapter : undefined;
    const of = adapter ?? base;
    const most = base.config.maxPositions;
    const there = this.#generators.get(side);
    if (there?.of === of && there.capacity >= Math.min(tokens, most)) return there.generator;
    this.#post({ type: 'chatStage', id, stage: 'compiling', done: 0, total: 0 });
    there?.generator.destroy();
    this.#generators.delete(side);
    let capacity = CAPACITY;
    while (capacity < tokens) capacity *= 2;
    capacity = Math.min(capacity, most);
    const generator = await this.#engine.createGenerator(base, capacity, adapter);
    this.#generators.set(side, { generator, capacity, of });
    return generator;
  }
}

/**
 * What work comes to that has to wait before it begins.
 *
 * @param start begins to wait, and says when the wait is over
 * @throws the signal's reason as soon as it fires in the wait; from then on the work minds the signal itself
 */
export function unlessStopped<T>(signal: AbortSignal, start: (isOver: () => void) => Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const giveUp = () => {
      reject(signal.reason as Error);
    };
    signal.addEventListener('abort', giveUp);
    start(() => {
      signal.removeEventListener('abort', giveUp);
    }).then(resolve, reject);
  });
}
