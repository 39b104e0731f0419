import type { Figure } from '../bench/timing';

/** What was measured, by key: figures from repeats, and what is known without them. */
export interface Results {
  readonly [key: string]: Results | Figure | number | string;
}

/** The results with every figure's best or median alone; with the medians only figures are kept. */
export function only(results: Results, which: keyof Figure): Record<string, unknown> {
  const entries = Object.entries(results).flatMap(([key, value]): [string, unknown][] => {
    if (isFigure(value)) return [[key, value[which]]];
    if (typeof value === 'object') return [[key, only(value, which)]];
    return which === 'best' ? [[key, value]] : [];
  });
  return Object.fromEntries(entries);
}

/** The results as lines for a reader. */
export function benchTable(adapter: string, rounds: number, results: Results): string {
  const rows = flatten(results, '');
  const width = Math.max(...rows.map(([key]) => key.length)) + 2;
  const row = (key: string, best: string, median: string) =>
    `${key.padEnd(width)}${best.padStart(12)}${median.padStart(12)}`.trimEnd();
  return [
    `adapter: ${adapter}`,
    '',
    row('', 'best', 'median'),
    ...rows.map(([key, best, median]) => row(key, best, median)),
    '',
    `Best and median of ${rounds} repeats in turns. gemm: GFLOP/s; memory: bytes; r and weights: numbers; the rest: ratios.`,
  ].join('\n');
}

function flatten(results: Results, prefix: string): [key: string, best: string, median: string][] {
  return Object.entries(results).flatMap(([key, value]) => {
    if (isFigure(value)) return [[prefix + key, format(value.best), format(value.median)]];
    if (typeof value === 'object') return flatten(value, `${prefix}${key}.`);
    return [[prefix + key, typeof value === 'number' ? format(value) : value, '']];
  });
}

function format(value: number): string {
  if (Number.isInteger(value)) return String(value);
  return Math.abs(value) < 0.001 ? value.toExponential(1) : value.toFixed(3);
}

function isFigure(value: Results | Figure | number | string): value is Figure {
  return typeof value === 'object' && 'best' in value && typeof value['best'] === 'number';
}
