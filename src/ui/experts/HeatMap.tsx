import { useState, type KeyboardEvent } from 'react';
import type { Pairs } from '../../engine/analysis/features/report';
import { formatValue } from '../shared/format';

/** More columns than this are too narrow for numbers in the cells. */
const NUMBERED = 8;
/** Letters of a row's name that fit beside cells as wide as the others. */
const SHORT = 3;
const ARROWS: Readonly<Record<string, readonly [down: number, right: number]>> = {
  ArrowUp: [-1, 0],
  ArrowDown: [1, 0],
  ArrowLeft: [0, -1],
  ArrowRight: [0, 1],
};

/**
 * A table of values whose cells are shaded: the value of a cell is read out under it when it is pointed at or reached
 * with the arrow keys, and screen readers read the table.
 */
export function HeatMap({
  title,
  note,
  values,
  rows,
  columns,
  of = ['', ''],
  low,
  high,
}: {
  readonly title: string;
  /** What the values are, with their unit and what stands down and across. */
  readonly note: string;
  readonly values: Pairs;
  readonly rows: readonly string[];
  readonly columns: readonly string[];
  /** What the names of a row and of a column are of, for the readout. */
  readonly of?: readonly [row: string, column: string];
  /** Values of the lightest and the darkest shade. */
  readonly low: number;
  readonly high: number;
}) {
  const [at, setAt] = useState<readonly [row: number, column: number]>(() => firstTelling(values));
  const value = values[at[0]]?.[at[1]] ?? null;
  const move = (event: KeyboardEvent<HTMLTableElement>) => {
    const arrow = ARROWS[event.key];
    if (arrow === undefined) return;
    event.preventDefault();
    const row = clamp(at[0] + arrow[0], rows.length);
    const column = clamp(at[1] + arrow[1], columns.length);
    setAt([row, column]);
    event.currentTarget.querySelector<HTMLElement>(`[data-cell="${row} ${column}"]`)?.focus();
  };
  return (
    <figure className="heat-map" aria-label={title}>
      <h4>{title}</h4>
      <p className="small muted">{note}</p>
      <table onKeyDown={move} className={tableClass(rows, columns)}>
        <thead>
          <tr>
            <td />
            {columns.map((name) => (
              <th key={name} scope="col">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((name, row) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              {columns.map((column, index) => (
                <Cell
                  key={column}
                  value={values[row]?.[index] ?? null}
                  share={(value) => (value - low) / (high - low)}
                  place={`${row} ${index}`}
                  reachable={at[0] === row && at[1] === index}
                  onPoint={() => {
                    setAt([row, index]);
                  }}
                />
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      <p className="heat-readout number" aria-hidden="true">
        <span>
          {`${[of[0], rows[at[0]], '×', of[1], columns[at[1]]].filter(Boolean).join(' ')}: `}
          <strong>{value === null ? 'not defined' : signed(value)}</strong>
        </span>
        <span className="heat-legend">
          {signed(low)} <i /> {signed(high)}
        </span>
      </p>
    </figure>
  );
}

/** The first cell that says something: maps of pairs have the same everywhere on the diagonal. */
function firstTelling(values: Pairs): readonly [row: number, column: number] {
  const isOfPairs = values.length === values[0]?.length;
  for (const [row, cells] of values.entries()) {
    const column = cells.findIndex((value, index) => value !== null && !(isOfPairs && index === row));
    if (column >= 0) return [row, column];
  }
  return [0, 0];
}

function tableClass(rows: readonly string[], columns: readonly string[]): string {
  const dense = columns.length > NUMBERED ? ' dense' : '';
  const named = rows.some((name) => name.length > SHORT) ? ' named' : '';
  return `number${dense}${named}`;
}

function Cell({
  value,
  share,
  place,
  reachable,
  onPoint,
}: {
  readonly value: number | null;
  readonly share: (value: number) => number;
  readonly place: string;
  readonly reachable: boolean;
  readonly onPoint: () => void;
}) {
  const percent = value === null ? 0 : 100 * Math.max(0, Math.min(1, share(value)));
  return (
    <td
      data-cell={place}
      tabIndex={reachable ? 0 : -1}
      onFocus={onPoint}
      onPointerEnter={onPoint}
      className={percent > 55 ? 'dark' : ''}
      style={{ backgroundColor: `color-mix(in oklab, var(--heat) ${percent.toFixed(1)}%, var(--raised))` }}
    >
      <span>{value === null ? '–' : value.toFixed(2).replace('-', '−')}</span>
    </td>
  );
}

function signed(value: number): string {
  return formatValue(value).replace('-', '−');
}

function clamp(index: number, count: number): number {
  return Math.max(0, Math.min(count - 1, index));
}
