import { useStore } from 'zustand';
import { exportAdapter } from '../../state/actions';
import { runStore } from '../../state/run';
import { Notice } from '../shared/Notice';

/** Taking the adapter away, once there is one. */
export default function ExportPanel() {
  const { status, exporting, usage, exportProblem } = useStore(runStore);
  const ready = status.phase === 'done' || status.phase === 'paused';
  return (
    <section className="card" aria-label="Export">
      <div className="card-head">
        <h2>Take it away</h2>
      </div>
      <div className="export-row">
        <p className="muted">
          A zip with the adapter for PEFT and, beside it, the whole run: its exact adapter, settings, log, and
          a snapshot that <code>masa train --resume</code> goes on from.
        </p>
        <button
          type="button"
          className={status.phase === 'done' ? 'button primary' : 'button'}
          disabled={!ready || exporting === 'yes'}
          onClick={() => void exportAdapter()}
        >
          {exporting === 'yes' ? 'Packing …' : 'Export the adapter'}
        </button>
      </div>
      {exportProblem === undefined ? null : <Notice bad>{exportProblem}</Notice>}
      {usage === undefined ? null : (
        <>
          <p className="drop-hint">Unpack it, then in Python:</p>
          <pre className="code" tabIndex={0}>
            {usage}
          </pre>
        </>
      )}
    </section>
  );
}
