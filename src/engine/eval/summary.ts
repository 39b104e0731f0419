import type { ChoiceResult } from './choices';
import type { ExactResult } from './exact';
import { wilsonInterval } from './interval';

/** The accuracy on one task, in the words of lm-evaluation-harness. */
export interface TaskSummary {
  readonly id: string;
  /** Number of questions. */
  readonly n: number;
  /** Share of right answers: by log-likelihood, or by exact match. */
  readonly acc: number;
  /** Share of right answers by log-likelihood per character; null for exact match. */
  readonly acc_norm: number | null;
  /** What blind choice reaches on average over the questions; null for exact match, where it is not known. */
  readonly chance: number | null;
  /** 95 % Wilson score interval of acc. */
  readonly ci: readonly [low: number, high: number];
}

/** One row a task, in the order in which the tasks occur. */
export function summarise(results: readonly (ChoiceResult | ExactResult)[]): TaskSummary[] {
  const tasks = new Set(results.map(({ question }) => question.task));
  return [...tasks].map((id) =>
    summariseAll(
      id,
      results.filter(({ question }) => question.task === id),
    ),
  );
}

/** One row over all questions, each counted the same whatever its task. */
export function summariseAll(id: string, results: readonly (ChoiceResult | ExactResult)[]): TaskSummary {
  const n = results.length;
  const right = results.filter(isRight).length;
  const choices = results.filter((result) => 'chosenNorm' in result);
  const isChoice = choices.length === n;
  const rightNorm = choices.filter(({ chosenNorm, question }) => chosenNorm === question.answer).length;
  const chances = choices.reduce((sum, { question }) => sum + question.chance, 0);
  return {
    id,
    n,
    acc: right / n,
    acc_norm: isChoice ? rightNorm / n : null,
    chance: isChoice ? chances / n : null,
    ci: wilsonInterval(right, n),
  };
}

function isRight(result: ChoiceResult | ExactResult): boolean {
  return 'chosen' in result ? result.chosen === result.question.answer : result.right;
}
