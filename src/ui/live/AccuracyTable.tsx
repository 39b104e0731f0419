import { formatCount, formatId, formatPercent } from '../shared/format';
import type { AccuracyRow } from './accuracyRows';

/** Accuracy by task: before, now, how sure that is, and what guessing gives. */
export function AccuracyTable({
  caption,
  rows,
}: {
  readonly caption: string;
  readonly rows: readonly AccuracyRow[];
}) {
  return (
    <table className="accuracy-table number">
      <caption>{caption}</caption>
      <thead>
        <tr>
          <th scope="col">Task</th>
          <th scope="col" className="spare">
            Questions
          </th>
          <th scope="col">Before</th>
          <th scope="col">Now</th>
          <th scope="col">95 % interval</th>
          <th scope="col">Chance</th>
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={row.id} className={row.id === 'all' ? 'all' : ''}>
            <th scope="row">{row.id === 'all' ? 'all together' : formatId(row.id)}</th>
            <td className="spare">{formatCount(row.n)}</td>
            <td>{formatPercent(row.before)}</td>
            <td>{row.now === undefined ? '–' : <strong>{formatPercent(row.now)}</strong>}</td>
            <td className="interval">
              {row.above ? <Above /> : null}
              {`${Math.round(100 * row.interval[0])} to ${formatPercent(row.interval[1])}`}
            </td>
            <td>{row.chance === null ? '–' : formatPercent(row.chance)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** The sign for an interval that lies above chance. */
export function Above() {
  return (
    <span
      className="above"
      role="img"
      aria-label="above chance: "
      title="The whole interval lies above chance"
    >
      ▲
    </span>
  );
}
