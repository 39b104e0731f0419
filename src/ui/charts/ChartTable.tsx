import type { XAxisKind } from '../../state/view';
import { valueAt } from '../../state/series';
import { AXIS_NAMES, formatPosition } from './axes';
import type { Curve } from './curves';

/** Rows besides those of the values that are measured now and then. */
const ROWS = 24;

/** The numbers behind a chart: a selection of positions from the first to the last, a column for each curve. */
export function ChartTable({
  title,
  curves,
  kind,
  format,
}: {
  readonly title: string;
  readonly curves: readonly Curve[];
  readonly kind: XAxisKind;
  readonly format: (value: number) => string;
}) {
  const rows = tableRows(curves);
  const heads = curves.map((curve) => (curve.name === '' ? 'this run' : curve.name));
  return (
    <div className="chart-table" role="region" aria-label={`${title} as a table`} tabIndex={0}>
      <table className="number">
        <caption className="small muted">
          {`${rows.length} of all positions, the values themselves; every one of them is in the CSV.`}
        </caption>
        <thead>
          <tr>
            <th scope="col">{AXIS_NAMES[kind]}</th>
            {heads.map((head, index) => (
              <th key={curves[index]?.id} scope="col">
                {head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((at) => (
            <tr key={at}>
              <th scope="row">{formatPosition(kind, at)}</th>
              {curves.map(({ id, x, y, raw }) => {
                const value = valueAt(x, raw ?? y, at);
                return <td key={id}>{Number.isFinite(value) ? format(value) : '–'}</td>;
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** Positions of a table: some of the longest line, evenly from its first to its last. */
export function tableRows(curves: readonly Curve[]): number[] {
  const longest = curves.reduce<Float64Array>(
    (x, curve) => (curve.x.length > x.length ? curve.x : x),
    new Float64Array(),
  );
  const count = Math.min(ROWS, longest.length);
  const last = longest.length - 1;
  const at = (row: number) => longest[count === 1 ? 0 : Math.round((row * last) / (count - 1))] ?? 0;
  return [...new Set(Array.from({ length: count }, (_, row) => at(row)))];
}
