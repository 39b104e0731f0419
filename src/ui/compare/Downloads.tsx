import { useState } from 'react';
import { version } from '../../../package.json';
import { curvesCsv, runsCsv } from '../../compare/csv';
import { curveBands } from '../../compare/curves';
import { sweepDocument } from '../../compare/document';
import { comparisonMarkdown } from '../../compare/markdown';
import { finishedRuns, summariseSweep, type Outcomes } from '../../compare/summary';
import type { PlannedSweep } from '../../state/sweep';
import { saveFile } from '../../storage/localFiles';

/** How the page's sweeps are started, for those who read a result. */
export const PROVENANCE = `MASA playground ${version}, in the browser`;

/** The results as files, and as Markdown for a text. */
export function Downloads({
  sweep: { plan, file },
  outcomes,
}: {
  readonly sweep: PlannedSweep;
  readonly outcomes: Outcomes;
}) {
  const [copied, setCopied] = useState('');
  const runs = () => finishedRuns(plan, outcomes);
  const markdown = () => comparisonMarkdown(summariseSweep(plan, outcomes), PROVENANCE);
  const json = (value: unknown) => `${JSON.stringify(value, null, 2)}\n`;
  const files: readonly (readonly [label: string, name: string, type: string, content: () => string])[] = [
    ['Runs (CSV)', 'results.csv', 'text/csv', () => runsCsv(runs())],
    ['Curves (CSV)', 'curves.csv', 'text/csv', () => curvesCsv(curveBands(runs()))],
    [
      'Everything (JSON)',
      'results.json',
      'application/json',
      () => json(sweepDocument(plan, outcomes, { command: PROVENANCE, file })),
    ],
    ['Table (Markdown)', 'table.md', 'text/markdown', markdown],
    ['Sweep file', 'sweep.json', 'application/json', () => json(file)],
  ];
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(markdown());
      setCopied('Copied.');
    } catch {
      setCopied('The browser does not allow it; take the file.');
    }
  };
  return (
    <div className="card-actions">
      {files.map(([label, name, type, content]) => (
        <button
          key={name}
          type="button"
          className="button quiet"
          onClick={() => {
            saveFile(name, content(), type);
          }}
        >
          {label}
        </button>
      ))}
      <button type="button" className="button quiet" onClick={() => void copy()}>
        Copy the table
      </button>
      <span role="status" className="small muted">
        {copied}
      </span>
    </div>
  );
}
