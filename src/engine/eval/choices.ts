import { UserError } from '../../config/errors';
import type { Tokenizer } from '../data/tokenizer';
import type { BaseModel } from '../model/baseModel';
import type { InferenceAdapter } from '../model/decoder';
import { tokenizeContinuations } from './continuation';
import type { ChoiceQuestion } from './question';
import { openScorer, type EvalOptions } from './scorer';

/** How a model answers a question with choices. */
export interface ChoiceResult {
  readonly question: ChoiceQuestion;
  /** Whether the prompt was too long for the model and lost its beginning. */
  readonly isCut: boolean;
  /** Log-likelihood of each continuation in nats. */
  readonly logLikelihoods: readonly number[];
  /** Whether greedy decoding would have written the continuation. */
  readonly isGreedy: readonly boolean[];
  /** Index of the largest log-likelihood, the first among equals. */
  readonly chosen: number;
  /** Index of the largest log-likelihood by character of the choice, the first among equals. */
  readonly chosenNorm: number;
}

/** Asks the same questions as often as wanted, with an adapter's values as they are at the time. */
export interface ChoiceScorer {
  /**
   * @param options its progress counts continuations
   * @returns one result a question, in order
   * @throws UserError when the model's output is no number
   */
  score(options?: EvalOptions): Promise<ChoiceResult[]>;
  destroy(): void;
}

/**
 * Tokenises the questions and prepares the GPU for them.
 *
 * @param adapter of a run too (Trainer.inference): each `score` sees it as it is then
 * @throws UserError when there is no question, or one that cannot be scored
 */
export async function openChoiceScorer(
  base: BaseModel,
  tokenizer: Tokenizer,
  questions: readonly ChoiceQuestion[],
  adapter?: InferenceAdapter,
): Promise<ChoiceScorer> {
  if (questions.length === 0) throw new UserError('questions', 'there is none', 'give at least one');
  const { maxPositions } = base.config;
  const continuations = questions.flatMap(({ context, continuations: choices }) =>
    tokenizeContinuations(tokenizer, context, choices, maxPositions),
  );
  const scorer = await openScorer(base, continuations, adapter);
  return {
    async score(options) {
      const scores = await scorer.score(options);
      let at = 0;
      return questions.map((question): ChoiceResult => {
        const end = at + question.continuations.length;
        const own = scores.slice(at, end);
        const isCut = continuations.slice(at, end).some((continuation) => continuation.isCut);
        at = end;
        const logLikelihoods = own.map(({ logLikelihood }) => logLikelihood);
        if (logLikelihoods.some(Number.isNaN)) {
          const problem = 'it gives a log-likelihood that is no number';
          throw new UserError('model', problem, 'evaluate another checkpoint or adapter');
        }
        return {
          question,
          isCut,
          logLikelihoods,
          isGreedy: own.map(({ isGreedy }) => isGreedy),
          chosen: largest(logLikelihoods),
          chosenNorm: largest(logLikelihoods.map((sum, i) => sum / (question.lengths[i] ?? Number.NaN))),
        };
      });
    },
    destroy: () => {
      scorer.destroy();
    },
  };
}

/** Answers questions with choices once; see openChoiceScorer. */
export async function scoreChoices(
  base: BaseModel,
  tokenizer: Tokenizer,
  questions: readonly ChoiceQuestion[],
  options: EvalOptions & { readonly adapter?: InferenceAdapter | undefined } = {},
): Promise<ChoiceResult[]> {
  const scorer = await openChoiceScorer(base, tokenizer, questions, options.adapter);
  try {
    return await scorer.score(options);
  } finally {
    scorer.destroy();
  }
}

function largest(values: readonly number[]): number {
  return values.indexOf(Math.max(...values));
}
