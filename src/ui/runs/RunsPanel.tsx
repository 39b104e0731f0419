import { useEffect } from 'react';
import { useStore } from 'zustand';
import {
  dropSpareSnapshots,
  forgetRemoved,
  refreshRuns,
  restoreRun,
  runsStore,
  spareSnapshots,
} from '../../state/runs';
import { openRuns } from '../../state/runFiles';
import { FileButton } from '../shared/FileButton';
import { formatBytes, formatShare } from '../shared/format';
import { Notice } from '../shared/Notice';
import { RunRow } from './RunRow';
import './runs.css';

/** All runs that this browser keeps: what they were, how they ended, and what can be done with them. */
export default function RunsPanel() {
  const { runs, problem, removed } = useStore(runsStore);
  useEffect(() => {
    void refreshRuns();
  }, []);
  return (
    <section className="card runs" aria-label="Runs">
      <div className="card-head">
        <h2>Runs</h2>
      </div>
      <div className="run-actions">
        <FileButton label="Open a run’s file" onFiles={(files) => void openRuns(files)} />
      </div>
      {problem === undefined ? null : <Notice bad>{problem}</Notice>}
      {removed === undefined ? null : (
        <div className="runs-removed">
          <Notice
            onDismiss={() => {
              void forgetRemoved();
            }}
          >
            {`${removed.name} is deleted.`}
          </Notice>
          <button type="button" className="button quiet" onClick={() => void restoreRun()}>
            Undo
          </button>
        </div>
      )}
      {runs.length === 0 ? (
        <p className="small muted">
          Every run is kept here, in this browser: its curves, texts, settings and adapter. A run that is cut
          short by a reload or a crash goes on by itself.
        </p>
      ) : (
        <ul className="runs-list">
          {runs.map((run) => (
            <RunRow key={run.id} run={run} />
          ))}
        </ul>
      )}
      <Room />
    </section>
  );
}

/** How much room the page has in this browser, and what could be given back. */
function Room() {
  const { runs, quota } = useStore(runsStore);
  if (quota === undefined) return null;
  const spare = spareSnapshots(runs);
  const bytes = spare.reduce((sum, { snapshotBytes }) => sum + snapshotBytes, 0);
  return (
    <div className="runs-room small muted number">
      <p>
        {`${formatBytes(quota.used)} used of ${formatBytes(quota.total)} that the browser gives this page`}
        {quota.used > 0.01 * quota.total ? ` (${formatShare(quota.used / quota.total)}).` : '.'}
      </p>
      {spare.length === 0 ? null : (
        <button
          type="button"
          className="button quiet"
          title="Of runs that are over and not pinned, all but the newest. Their curves and texts stay; they can no longer be exported or gone on with."
          onClick={() => void dropSpareSnapshots()}
        >
          {`Delete ${spare.length === 1 ? 'an older snapshot' : `${spare.length} older snapshots`}, ${formatBytes(bytes)}`}
        </button>
      )}
    </div>
  );
}
