import { UserError } from '../../config/errors';
import type { BenchmarkRow } from './benchmarkRow';

/** The rows of one task: what is asked, and what the shots are taken from; both may be one list. */
export interface TaskRows {
  readonly task: string;
  readonly questions: readonly BenchmarkRow[];
  readonly pool: readonly BenchmarkRow[];
}

/**
 * The prompt of a question as lm-evaluation-harness 0.4.13 builds it: the description, `shots` rows with their answers,
 * each with a blank line behind it, and the question. The shots are the first of the pool (its sampler `first_n`);
 * where the pool is the list of questions itself, rows equal to the question are left out.
 *
 * @throws UserError when the pool has too few rows
 */
export function fewShotPrompt(
  { task, questions, pool }: TaskRows,
  question: BenchmarkRow,
  shots: number,
  description: string,
): string {
  const chosen: string[] = [];
  for (const row of pool) {
    if (chosen.length >= shots) break;
    if (pool === questions && row.prompt === question.prompt && row.target === question.target) continue;
    chosen.push(`${row.prompt} ${row.target}\n\n`);
  }
  if (chosen.length < shots) {
    const problem = `there are ${chosen.length} rows for shots and ${shots} are wanted`;
    throw new UserError(task, problem, 'ask for fewer shots');
  }
  return description + chosen.join('') + question.prompt;
}
