import type { PairedDifference, Spread } from './statistics';
import type { ConfigurationSummary, Measure, SweepSummary } from './summary';

const ACCURACY = 'accuracy, %';

/**
 * The comparison as Markdown: a row for each configuration, the accuracies by task where there are several, and what
 * one has to know to read and repeat it.
 *
 * @param command how the sweep was started
 */
export function comparisonMarkdown(summary: SweepSummary, command: string): string {
  const tables = comparisonTables(summary).map(({ columns, rows }) => markdownTable(columns, rows));
  return `${[...tables, comparisonNotes(summary, command).join('\n')].join('\n\n')}\n`;
}

/** A table of texts; numbers stand to the right. */
export interface Table {
  readonly columns: readonly { readonly title: string; readonly right: boolean }[];
  readonly rows: readonly (readonly string[])[];
}

/** A row for each configuration, and the accuracies by task where there are several. */
export function comparisonTables(summary: SweepSummary): Table[] {
  const tables = [mainTable(summary)];
  if ((summary.base?.tasks.length ?? 0) > 1) tables.push(taskTable(summary));
  return tables;
}

interface Column {
  readonly title: string;
  readonly right: boolean;
  readonly cell: (row: ConfigurationSummary) => string;
}

function mainTable({ reference, base, configurations }: SweepSummary): Table {
  const versus = `minus ${reference} (95 % interval)`;
  const measured = (title: string, measure: Measure, show: Show): Column[] => {
    const of = ({ measures }: ConfigurationSummary) => measures[measure];
    if (configurations.every((row) => of(row).spread === null)) return [];
    const columns = [
      { title, right: true, cell: (row: ConfigurationSummary) => spread(of(row).spread, show) },
    ];
    if (configurations.length === 1) return columns;
    const cell = (row: ConfigurationSummary) => difference(of(row).difference, show);
    return [...columns, { title: versus, right: true, cell }];
  };
  const columns: Column[] = [
    { title: 'configuration', right: false, cell: ({ name }) => name },
    { title: 'r', right: true, cell: ({ settings }) => `${settings.r}` },
    { title: 'weights', right: true, cell: (row) => grouped(row.trainable_weights) },
    ...measured('validation loss', 'final_val_loss', loss),
    ...measured(ACCURACY, 'accuracy', share),
    { title: 'step time', right: true, cell: (row) => relative(row.relative_step_time) },
    { title: 'adapter', right: true, cell: ({ adapter_bytes }) => bytes(adapter_bytes) },
  ];
  const rows = configurations.map((row) => columns.map(({ cell }) => cell(row)));
  const before = base === null ? [] : [columns.map(({ title }) => baseCell(title, base.accuracy))];
  return { columns, rows: [...before, ...rows] };
}

function baseCell(title: string, accuracy: number | null): string {
  if (title === 'configuration') return 'base model';
  return title === ACCURACY && accuracy !== null ? share(accuracy) : '';
}

function taskTable({ base, configurations }: SweepSummary): Table {
  const columns = [
    { title: ACCURACY, right: false },
    { title: 'chance', right: true },
    { title: 'base model', right: true },
    ...configurations.map(({ name }) => ({ title: name, right: true })),
  ];
  const rows = (base?.tasks ?? []).map(({ id, chance, acc }) => [
    `\`${id}\``,
    chance === null ? '' : share(chance),
    share(acc),
    ...configurations.map(({ tasks }) => spread(tasks.find((task) => task.id === id)?.spread ?? null, share)),
  ]);
  return { columns, rows };
}

/**
 * What one has to know to read the tables and to repeat them, a sentence or two each.
 *
 * @param command how the sweep was started
 */
export function comparisonNotes(summary: SweepSummary, command: string): string[] {
  const { seeds, data, model, reference, configurations, finished, total, gpus } = summary;
  const steps = [...new Set(configurations.map(({ settings }) => settings.max_steps))].join(' or ');
  const failures = configurations.flatMap((row) =>
    row.failures.map((failure) => ({ ...failure, name: row.name })),
  );
  const lines = [
    `${steps} steps of \`${data}\` on \`${model}\`; ${seeds.length === 1 ? 'one seed' : `seeds ${seeds.join(', ')}`}: ` +
      'mean ± sample standard deviation. Losses in nats; accuracies are means over the tasks.',
    ...(configurations.length > 1 && seeds.length > 1
      ? [
          `Differences to ${reference} are taken seed by seed, with a 95 % interval by Student's t. ` +
            `Step times are medians, in times of ${reference}'s.`,
        ]
      : []),
    ...(finished < total ? [`So far ${finished} of ${total} runs have finished.`] : []),
    ...failures.map(({ name, seed, sentence }) => `${name} with seed ${seed} failed: ${sentence}`),
    ...(gpus.length === 0 ? [] : [`Computed on ${gpus.join(' and ')} with \`${command}\`.`]),
  ];
  return lines;
}

/** A pipe table as Prettier leaves it: every column as wide as its widest cell, numbers to the right. */
export function markdownTable(
  columns: readonly { readonly title: string; readonly right: boolean }[],
  rows: readonly (readonly string[])[],
): string {
  const cells = [columns.map(({ title }) => title), ...rows].map((row) => row.map(escaped));
  const widths = columns.map((_, index) => Math.max(3, ...cells.map((row) => row[index]?.length ?? 0)));
  const line = (row: readonly string[]) =>
    `| ${columns
      .map(({ right }, index) => {
        const [cell, width] = [row[index] ?? '', widths[index] ?? 0];
        return right ? cell.padStart(width) : cell.padEnd(width);
      })
      .join(' | ')} |`;
  const rule = columns.map(({ right }, index) => {
    const width = widths[index] ?? 0;
    return right ? `${'-'.repeat(width - 1)}:` : '-'.repeat(width);
  });
  const [head = [], ...body] = cells;
  return [line(head), line(rule), ...body.map(line)].join('\n');
}

function escaped(text: string): string {
  return text.replaceAll('|', '\\|');
}

type Show = (value: number) => string;

function spread(value: Spread | null, show: Show): string {
  if (value === null) return '';
  return value.sd === null ? show(value.mean) : `${show(value.mean)} ± ${show(value.sd)}`;
}

function difference(value: PairedDifference | null, show: Show): string {
  if (value === null) return '';
  const signed = (number: number) => `${number < 0 ? '−' : '+'}${show(Math.abs(number))}`;
  if (value.ci === null) return signed(value.mean);
  return `${signed(value.mean)} (${signed(value.ci[0])} to ${signed(value.ci[1])})`;
}

function relative(time: Spread | null): string {
  return time === null ? '' : `${time.mean.toFixed(2)} ×`;
}

function loss(value: number): string {
  return value.toFixed(4);
}

function share(value: number): string {
  return (100 * value).toFixed(1);
}

function grouped(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ',');
}

function bytes(count: number | null): string {
  return count === null ? '' : `${(count / 1024).toFixed(0)} KiB`;
}
