import type { Tokenizer } from '../engine/data/tokenizer';
import type { openChoiceScorer } from '../engine/eval/choices';
import type { openExactMatcher } from '../engine/eval/exact';
import type { ChoiceQuestion, ExactQuestion } from '../engine/eval/question';
import type { EvalOptions } from '../engine/eval/scorer';
import { summarise, summariseAll } from '../engine/eval/summary';
import type { BaseModel } from '../engine/model/baseModel';
import type { InferenceAdapter } from '../engine/model/decoder';
import { choiceQuestions } from '../scenarios/questions';
import { testItems } from '../scenarios/records';
import type { Scenario } from '../scenarios/scenario';
import type { Accuracy } from './protocol';

/** The parts of the engine that ask questions. */
export interface AskingEngine {
  readonly openChoiceScorer: typeof openChoiceScorer;
  readonly openExactMatcher: typeof openExactMatcher;
}

/** Questions of one form: to choose an answer, or to write it. */
export type Questions =
  | { readonly form: 'choice'; readonly questions: readonly ChoiceQuestion[] }
  | { readonly form: 'exact'; readonly questions: readonly ExactQuestion[] };

/** Held-out questions of a scenario, multiple choice: the first `limit` of each task, or all. */
export function scenarioQuestions(scenario: Scenario, limit?: number): Questions {
  return { form: 'choice', questions: choiceQuestions(testItems(scenario, limit)) };
}

/** Asks the same questions as often as wanted, with an adapter's values as they are at the time. */
export interface Asker {
  /** The accuracy by task, and over all questions. The signal stops it between passes. */
  ask(options: EvalOptions): Promise<Accuracy>;
  destroy(): void;
}

/** Prepares the GPU for the questions. */
export async function openAsker(
  engine: AskingEngine,
  base: BaseModel,
  tokenizer: Tokenizer,
  { form, questions }: Questions,
  adapter?: InferenceAdapter,
): Promise<Asker> {
  if (form === 'choice') {
    const scorer = await engine.openChoiceScorer(base, tokenizer, questions, adapter);
    return {
      ask: async (options) => accuracyOf(await scorer.score(options)),
      destroy: () => {
        scorer.destroy();
      },
    };
  }
  const matcher = await engine.openExactMatcher(base, tokenizer, questions, adapter);
  return {
    ask: async (options) => accuracyOf(await matcher.match(options)),
    destroy: () => {
      matcher.destroy();
    },
  };
}

function accuracyOf(results: Parameters<typeof summarise>[0]): Accuracy {
  const cut = results.filter(({ isCut }) => isCut).length;
  return { mean: summariseAll('all', results), byTask: summarise(results), cut };
}
