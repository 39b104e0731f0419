import type { ExpertReport, ModuleReport, Pairs } from '../engine/analysis/features/report';
import { alignColumns } from './columns';

/** The report for a reader: the case, and a line a module with the means over its layers. */
export function expertText(report: ExpertReport, saved: string | undefined): string {
  const { rows, layers } = report;
  const tasks = Object.keys(rows.tasks).length;
  const labels = tasks === 0 ? '' : ` of ${tasks} ${tasks === 1 ? 'task' : 'tasks'}`;
  const tokens = rows.choice === 'prompt_end' ? 'ends of prompts' : 'counted tokens';
  const many = layers.length === 1 ? `Layer ${layers.join('')}` : `Means over ${layers.length} layers`;
  const where = saved === undefined ? [] : ['', `The features and the whole report are in ${saved}.`];
  return [
    report.case.sentence,
    '',
    `${many}, ${rows.count} ${tokens}${labels}:`,
    '',
    alignColumns([HEADINGS, ...report.similarity.map(({ module }) => line(report, module))]),
    ...where,
  ].join('\n');
}

const HEADINGS = [
  ...['module', 'CKA of A x', 'CKA of increments', 'effective rank of one A x'],
  ...['of their sum', 'of all', 'distance', 'of the initial', 'gradient cosine', 'entropy of gates'],
];

function line(report: ExpertReport, module: string): readonly string[] {
  const own = report.modules.filter((place) => place.module === module);
  const stacks = report.stacks.filter((stack) => stack.module === module);
  const similarity = report.similarity.find((place) => place.module === module);
  const rank = (of: (spectra: ModuleReport['spectra']) => number | null | undefined) =>
    show(mean(own.map(({ spectra }) => of(spectra))));
  return [
    module,
    show(similarity?.a_outputs.mean),
    show(similarity?.increments.mean),
    rank(({ single }) => mean(single.map(({ effective_rank }) => effective_rank))),
    rank(({ sum }) => sum.effective_rank),
    rank(({ stack }) => stack.effective_rank),
    show(mean(stacks.map(({ distance }) => meanPair(distance)))),
    show(mean(stacks.map(({ kept }) => kept && meanPair(kept)))),
    show(mean(stacks.map(({ gradient_cosine }) => meanPair(gradient_cosine.values)))),
    show(mean(own.map(({ load }) => load?.entropy))),
  ];
}

/** Mean over the pairs of different experts. */
function meanPair(pairs: Pairs): number | null {
  return mean(pairs.flatMap((row, i) => row.slice(i + 1)));
}

/** Mean of what is there; null where nothing is. */
function mean(values: readonly (number | null | undefined)[]): number | null {
  const there = values.filter((value) => value !== null && value !== undefined);
  return there.length === 0 ? null : there.reduce((sum, value) => sum + value, 0) / there.length;
}

function show(value: number | null | undefined): string {
  return value === null || value === undefined ? '–' : value.toFixed(3);
}
