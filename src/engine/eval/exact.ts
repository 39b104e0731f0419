import { UserError } from '../../config/errors';
import type { Tokenizer } from '../data/tokenizer';
import type { BaseModel } from '../model/baseModel';
import { endTokens, keyBytes, openDecoder, type DecoderShape, type InferenceAdapter } from '../model/decoder';
import { encodeFromStart } from './continuation';
import { continueGreedily, type GreedyText } from './greedy';
import type { ExactQuestion } from './question';
import type { EvalOptions } from './scorer';

/** What a model answered, and whether that is right. */
export interface ExactResult {
  readonly question: ExactQuestion;
  /** Whether the prompt left too little room for the answer and lost its beginning. */
  readonly isCut: boolean;
  /** The generated text, cut in front of the first stop text. */
  readonly text: string;
  readonly right: boolean;
}

/** Asks the same questions as often as wanted, with an adapter's values as they are at the time. */
export interface ExactMatcher {
  /**
   * @param options its progress counts questions
   * @returns one result a question, in order
   */
  match(options?: EvalOptions): Promise<ExactResult[]>;
  destroy(): void;
}

/**
 * Tokenises the prompts and prepares the GPU for them. As in lm-evaluation-harness, a prompt that leaves too little
 * room for the answer loses tokens at its left.
 *
 * @param adapter of a run too (Trainer.inference): each `match` sees it as it is then
 * @throws UserError when there is no question, or one whose answer takes all positions of the model
 */
export async function openExactMatcher(
  base: BaseModel,
  tokenizer: Tokenizer,
  questions: readonly ExactQuestion[],
  adapter?: InferenceAdapter,
): Promise<ExactMatcher> {
  if (questions.length === 0) throw new UserError('questions', 'there is none', 'give at least one');
  const prompts = questions.map((question) => promptIds(tokenizer, question, base.config.maxPositions));
  const capacity = Math.max(
    ...questions.map(({ maxNewTokens }, i) => (prompts[i]?.ids.length ?? 0) + maxNewTokens),
  );
  const decoder = await openDecoder(base, decoderShape(base, questions.length, capacity), adapter);
  const ends = endTokens(base.config);

  return {
    async match({ onProgress, signal } = {}) {
      const answers = questions.map((question, index) =>
        answerTo(question, prompts[index]?.ids ?? [], tokenizer),
      );
      await continueGreedily(decoder, answers, {
        ends,
        signal,
        onProgress: (done) => onProgress?.(done, questions.length),
      });
      return questions.map((question, index): ExactResult => {
        const text = answers[index]?.read() ?? '';
        return { question, isCut: prompts[index]?.isCut ?? false, text, right: question.judge(text) };
      });
    },
    destroy: () => {
      decoder.destroy();
    },
  };
}

/** A text that is over when a stop text is in it. */
function answerTo(
  { maxNewTokens, stop }: ExactQuestion,
  prompt: readonly number[],
  tokenizer: Tokenizer,
): GreedyText & { read(): string } {
  const ids: number[] = [];
  let text = '';
  return {
    prompt,
    maxNewTokens,
    accept(token) {
      ids.push(token);
      text = tokenizer.decode(ids);
      const end = firstStop(text, stop);
      if (end >= 0) text = text.slice(0, end);
      return end < 0;
    },
    read: () => text,
  };
}

/**
 * Rows of a pass: enough for a GPU to share each weight among, and no more logits than are quickly read. The smaller
 * ones are for the last questions.
 */
const PASSES = [16, 32, 64];
/** Bytes that keys and values may take beside a small model, and their share of what a large one takes. */
const CACHE_BYTES = 64 * 2 ** 20;
const CACHE_SHARE = 1 / 4;

/** As many questions at once as fit a pass, and whose keys and values are little beside the weights. */
function decoderShape({ config, bytes, gpu }: BaseModel, questions: number, capacity: number): DecoderShape {
  const keys = keyBytes(config, capacity);
  const affordable = Math.max(CACHE_BYTES, bytes * CACHE_SHARE) / (2 * config.layers * keys);
  const bindable = gpu.device.limits.maxStorageBufferBindingSize / keys;
  const slots = Math.max(1, Math.floor(Math.min(affordable, bindable, Math.max(...PASSES), questions)));
  return { slots, capacity, passes: PASSES };
}

/** Answers questions by greedy generation once; see openExactMatcher. */
export async function matchExactly(
  base: BaseModel,
  tokenizer: Tokenizer,
  questions: readonly ExactQuestion[],
  options: EvalOptions & { readonly adapter?: InferenceAdapter | undefined } = {},
): Promise<ExactResult[]> {
  const matcher = await openExactMatcher(base, tokenizer, questions, options.adapter);
  try {
    return await matcher.match(options);
  } finally {
    matcher.destroy();
  }
}

function promptIds(
  tokenizer: Tokenizer,
  { task, prompt, maxNewTokens }: ExactQuestion,
  maxPositions: number,
): { readonly ids: readonly number[]; readonly isCut: boolean } {
  const room = maxPositions - maxNewTokens;
  if (room < 1) {
    const problem = `its answers may take ${maxNewTokens} tokens and the model has ${maxPositions} positions`;
    throw new UserError(`task ${task}`, problem, 'allow fewer new tokens');
  }
  const ids = encodeFromStart(tokenizer, prompt);
  if (ids.length > 0) return { ids: ids.slice(-room), isCut: ids.length > room };
  throw new UserError(`task ${task}`, 'a prompt has no token', 'give it a text');
}

/** Where the earliest of the stop texts begins; −1 where there is none. */
function firstStop(text: string, stops: readonly string[]): number {
  const places = stops.map((stop) => text.indexOf(stop)).filter((place) => place >= 0);
  return places.length === 0 ? -1 : Math.min(...places);
}
