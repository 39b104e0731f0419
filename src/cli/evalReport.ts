import type { TaskSummary } from '../engine';
import { alignColumns } from './columns';
import { percent } from './percent';

/** Accuracies as a table for a reader, with a sentence about chance below it where chance is known. */
export function accuracyTable(tasks: readonly TaskSummary[], group: TaskSummary | undefined): string {
  const row = ({ id, n, acc, acc_norm, chance, ci: [low, high] }: TaskSummary) => [
    ...[id, `${n}`, percent(acc), `${percent(low)} to ${percent(high)}`],
    ...[acc_norm === null ? '-' : percent(acc_norm), chance === null ? '-' : percent(chance)],
  ];
  const rows = [...tasks, ...(group === undefined ? [] : [group])].map(row);
  const table = alignColumns([['task', 'n', 'acc', '95 % interval', 'acc_norm', 'chance'], ...rows]);
  const sentence = chanceSentence(tasks);
  return sentence === undefined ? table : `${table}\n\n${sentence}`;
}

/** For how many tasks the whole interval lies above chance; undefined where chance is not known. */
function chanceSentence(tasks: readonly TaskSummary[]): string | undefined {
  const known = tasks.filter(({ chance }) => chance !== null);
  if (known.length === 0) return undefined;
  const above = known.filter(({ chance, ci }) => chance !== null && ci[0] > chance).length;
  if (known.length === 1) return `The interval ${above === 1 ? 'lies' : 'does not lie'} above chance.`;
  return `The interval lies above chance for ${above} of ${known.length} tasks.`;
}
