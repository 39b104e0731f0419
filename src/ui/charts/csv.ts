import Papa from 'papaparse';
import type { Curve } from './curves';

/** The curves of one chart as rows, every value of them. */
export interface NamedCurves {
  readonly chart: string;
  readonly curves: readonly Curve[];
}

/**
 * Every value of every curve, one a row: chart, run, line, step, where it lies along x, value, and its moving average
 * where one is drawn.
 *
 * @param axis what x is, as the head of its column, which is left out where it is the step
 */
export function curvesCsv(charts: readonly NamedCurves[], axis: string): string {
  const rows = charts.flatMap(({ chart, curves }) =>
    curves.flatMap(({ source, name, x, y, raw, steps }) =>
      Array.from(x, (at, index) => {
        const smoothed = raw === undefined ? '' : (y[index] ?? '');
        const place = axis === 'step' ? [] : [at];
        return [chart, source, name, steps[index] ?? '', ...place, (raw ?? y)[index] ?? '', smoothed];
      }),
    ),
  );
  const fields = ['chart', 'run', 'curve', 'step', ...(axis === 'step' ? [] : [axis]), 'value', 'smoothed'];
  // A name may begin with a sign that spreadsheets take for a formula.
  return `${Papa.unparse({ fields, data: rows }, { newline: '\n', escapeFormulae: /^[=@\t\r]/ })}\n`;
}
