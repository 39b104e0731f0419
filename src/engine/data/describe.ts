import type { DatasetSummary } from './dataset';

/** The summary as lines of plain English, for `inspect` and for the page. */
export function describeDataset(summary: DatasetSummary): readonly string[] {
  const { container, unit, formats, tasks, records, skipped, problems } = summary;
  const lines = [`${container}, ${plural(records, 'usable record')} (${counts(formats)})`];
  if (tasks.size > 0) lines.push(`${plural(tasks.size, 'task label')} (${counts(tasks)})`);
  if (skipped > 0) lines.push(`${plural(skipped, unit)} skipped:`);
  for (const { at, reason } of problems) lines.push(`  ${unit} ${at}: ${reason}`);
  if (skipped > problems.length) lines.push(`  … and ${skipped - problems.length} more`);
  return lines;
}

function counts(map: ReadonlyMap<string, number>): string {
  return [...map].map(([name, count]) => `${name}: ${count}`).join(', ');
}

function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
