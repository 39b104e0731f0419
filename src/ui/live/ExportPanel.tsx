import { useState } from 'react';
import { useStore } from 'zustand';
import { exportAdapter } from '../../state/actions';
import { runStore } from '../../state/run';
import { setupStore } from '../../state/setup';
import { hasCurve, share, shareStore } from '../../state/share';
import { formatBytes } from '../shared/format';
import { Notice } from '../shared/Notice';

/** Taking the adapter away, once there is one. */
export default function ExportPanel() {
  const { status, exporting, usage, exported, exportProblem } = useStore(runStore);
  const ready = status.phase === 'done' || status.phase === 'paused';
  return (
    <section className="card export" aria-label="Export">
      <div className="card-head">
        <h2>Take it away</h2>
      </div>
      <p>
        A zip with the adapter for PEFT and, beside it, the whole run: its exact adapter, settings, log, and a
        snapshot that <code>masa train --resume</code> goes on from.
      </p>
      <button
        type="button"
        className={status.phase === 'done' ? 'button primary' : 'button'}
        disabled={!ready}
        aria-disabled={exporting === 'yes'} // and keeps the focus
        aria-describedby={ready ? undefined : 'export-obstacle'}
        onClick={() => {
          if (exporting === 'no') void exportAdapter();
        }}
      >
        {exporting === 'yes' ? 'Packing …' : 'Export the adapter'}
      </button>
      {ready ? null : (
        <p id="export-obstacle" className="small muted">
          There is something to export when a run is done or paused.
        </p>
      )}
      {exportProblem === undefined ? null : <Notice bad>{exportProblem}</Notice>}
      {exported === undefined ? null : (
        <p className="export-done number" role="status">
          <strong>{exported.name}</strong>, {formatBytes(exported.size)}, is saved. It was opened again: what
          it holds is the adapter, to the bit.
        </p>
      )}
      {usage === undefined ? null : <Usage text={usage} />}
      {exported === undefined ? null : <LinkToRun />}
    </section>
  );
}

/** What to type to use the file. */
function Usage({ text }: { readonly text: string }) {
  const [copied, setCopied] = useState(false);
  return (
    <div className="export-usage">
      <div className="export-row">
        <h3>Unpack it, then in Python</h3>
        <button
          type="button"
          className="button quiet"
          onClick={() => {
            navigator.clipboard.writeText(text).then(
              () => {
                setCopied(true);
              },
              () => undefined, // the browser keeps it; the text can be selected
            );
          }}
        >
          {copied ? 'Copied' : 'Copy'}
        </button>
      </div>
      <pre className="code" tabIndex={0}>
        {text}
      </pre>
    </div>
  );
}

/** The set-up as an address. */
function LinkToRun() {
  const made = useStore(shareStore, (state) => state.made);
  useStore(setupStore);
  const hint = hasCurve()
    ? 'Whoever opens it can train the same, with the curve of this run as the one to beat.'
    : 'With the settings of the form, which are not those of this run.';
  return (
    <div className="export-usage">
      <div className="export-row">
        <h3>A link to this set-up</h3>
        <button type="button" className="button quiet" onClick={() => void share(true)}>
          Copy the link
        </button>
      </div>
      <p className="small muted">{made?.sentence ?? hint}</p>
    </div>
  );
}
