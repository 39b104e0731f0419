import {
  openChoiceScorer,
  summarise,
  type BaseModel,
  type EvalOptions,
  type InferenceAdapter,
} from '../engine';
import type { Tokenizer } from '../engine/data/tokenizer';
import { choiceQuestions } from '../scenarios/questions';
import { testItems } from '../scenarios/records';
import type { Scenario } from '../scenarios/scenario';

/** Share of right choices by task on the questions that are watched, with the adapter as it is at the time. */
export type Watch = (options: EvalOptions) => Promise<ReadonlyMap<string, number>>;

/** Prepares the GPU to ask the watched questions of a scenario; asking only reads the adapter. */
export async function openWatch(
  scenario: Scenario,
  base: BaseModel,
  tokenizer: Tokenizer,
  adapter: InferenceAdapter,
): Promise<Watch> {
  const questions = choiceQuestions(testItems(scenario, scenario.watched));
  const scorer = await openChoiceScorer(base, tokenizer, questions, adapter);
  return async (options) => {
    const tasks = summarise(await scorer.score(options));
    return new Map(tasks.map(({ id, acc }) => [id, acc]));
  };
}
