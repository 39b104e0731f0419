import { Fragment, useMemo } from 'react';
import { useStore } from 'zustand';
import { comparisonNotes, comparisonTables, type Table } from '../../compare/markdown';
import { finishedRuns, summariseSweep } from '../../compare/summary';
import { sweepStore } from '../../state/sweep';
import { BandChart } from './BandChart';
import { Downloads, PROVENANCE } from './Downloads';

/** What came of the runs so far: curves, tables, files. */
export function CompareResults() {
  const sweep = useStore(sweepStore, (state) => state.sweep);
  const outcomes = useStore(sweepStore, (state) => state.outcomes);
  const shown = useMemo(() => {
    if (sweep === undefined) return undefined;
    const runs = finishedRuns(sweep.plan, outcomes);
    return runs.length === 0 ? undefined : { runs, summary: summariseSweep(sweep.plan, outcomes) };
  }, [sweep, outcomes]);
  if (sweep === undefined || shown === undefined) {
    return (
      <p className="small muted compare-empty">
        Loss curves and the table appear here as soon as the first run is done. Choose at least two methods,
        and several seeds to see how much is chance.
      </p>
    );
  }
  const { runs, summary } = shown;
  return (
    <div className="compare-results">
      <BandChart runs={runs} />
      {comparisonTables(summary).map((table, index) => (
        <Cells
          key={index}
          table={index === 0 ? turned(table) : table}
          name={index === 0 ? 'Comparison' : 'Accuracy by task'}
        />
      ))}
      {comparisonNotes(summary, PROVENANCE).map((note) => (
        <p key={note} className="small muted">
          {note.replaceAll('`', '')}
        </p>
      ))}
      <Downloads sweep={sweep} outcomes={outcomes} />
    </div>
  );
}

/** A drawer has room for few columns: as many as are compared, as a rule, but not one for each figure. */
const MOST_ACROSS = 6;

/** The same with a column for each configuration, as the table of tasks has it, unless there are too many. */
function turned(table: Table): Table {
  const { columns, rows } = table;
  if (rows.length > MOST_ACROSS) return table;
  return {
    columns: ['', ...rows.map(([head = '']) => head)].map((title) => ({ title, right: title !== '' })),
    rows: columns.slice(1).map(({ title }, index) => [title, ...rows.map((row) => row[index + 1] ?? '')]),
  };
}

function Cells({ table: { columns, rows }, name }: { readonly table: Table; readonly name: string }) {
  return (
    <div className="compare-scroll" role="region" aria-label={name} tabIndex={0}>
      <table className="compare-table number">
        <caption className="visually-hidden">{name}</caption>
        <thead>
          <tr>
            {columns.map(({ title }, index) => (
              <th key={index} scope="col">
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(([head = '', ...cells], index) => (
            <tr key={index}>
              <th scope="row">{head.replaceAll('`', '')}</th>
              {cells.map((cell, index) => (
                <td key={index}>
                  <Figures text={cell === '' ? '–' : cell} />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** A value, and under it where there is no room beside it its deviation or its interval. */
function Figures({ text }: { readonly text: string }) {
  return text.split(/ (?=[±(]|to )/).map((piece, index) => (
    <Fragment key={index}>
      {index === 0 ? '' : ' '}
      <span>{piece}</span>
    </Fragment>
  ));
}
