import { UserError } from '../../config/errors';
import type { Tokenizer } from '../data/tokenizer';
import type { BaseModel } from '../model/baseModel';
import { createGenerator, type InferenceAdapter } from '../model/generate';
import { encodeFromStart } from './continuation';
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
  const generator = await createGenerator(base, capacity, adapter);

  const answer = async (question: ExactQuestion, prompt: readonly number[], signal?: AbortSignal) => {
    const options = { max_new_tokens: question.maxNewTokens, temperature: 0, seed: 0 };
    const ids: number[] = [];
    let text = '';
    for await (const id of generator.generate(prompt, options)) {
      signal?.throwIfAborted();
      ids.push(id);
      text = tokenizer.decode(ids);
      const end = firstStop(text, question.stop);
      if (end >= 0) return text.slice(0, end);
    }
    return text;
  };

  return {
    async match({ onProgress, signal } = {}) {
      const results: ExactResult[] = [];
      for (const [index, question] of questions.entries()) {
        signal?.throwIfAborted();
        const { ids, isCut } = prompts[index] ?? { ids: [], isCut: false };
        const text = await answer(question, ids, signal);
        results.push({ question, isCut, text, right: question.judge(text) });
        onProgress?.(results.length, questions.length);
      }
      return results;
    },
    destroy: () => {
      generator.destroy();
    },
  };
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
