import type { AccuracyPoint } from '../../state/metrics';
import type { Accuracy, EvaluationInfo } from '../../worker/protocol';

/** A measurement to show: without the adapter, and with it where that was measured too. */
export interface Measured {
  readonly before: Accuracy;
  readonly now: (Accuracy & { readonly step: number }) | undefined;
}

/** One line of the table, in shares; a name in place of an id for all tasks together. */
export interface AccuracyRow {
  readonly id: string;
  /** Number of questions. */
  readonly n: number;
  readonly before: number;
  readonly now: number | undefined;
  /** Of the later of the two. */
  readonly interval: readonly [low: number, high: number];
  readonly chance: number | null;
  /** Whether the whole interval lies above chance. */
  readonly above: boolean;
}

/** What was measured last: on all questions where they were asked, else on the watched ones. */
export function lastMeasured(
  watched: readonly AccuracyPoint[],
  evaluation: EvaluationInfo | undefined,
): Measured | undefined {
  if (evaluation !== undefined) return { before: evaluation.before, now: evaluation.after };
  const [first] = watched;
  const last = watched.at(-1);
  if (first === undefined) return undefined;
  return { before: first, now: last === first ? undefined : last };
}

/** A row a task, and one for all where there are several. */
export function accuracyRows({ before, now }: Measured): AccuracyRow[] {
  const pairs = before.byTask.map((task, index) => ({ task, later: now?.byTask[index] }));
  const all = pairs.length > 1 ? [{ task: before.mean, later: now?.mean }] : [];
  return [...pairs, ...all].map(({ task, later }) => {
    const { ci, chance } = later ?? task;
    const above = chance !== null && ci[0] > chance;
    return { id: task.id, n: task.n, before: task.acc, now: later?.acc, interval: ci, chance, above };
  });
}
