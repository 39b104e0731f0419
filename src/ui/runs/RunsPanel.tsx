import { useEffect } from 'react';
import { useStore } from 'zustand';
import { forgetRemoved, refreshRuns, restoreRun, runsStore } from '../../state/runs';
import { openRuns } from '../../state/runFiles';
import { FileButton } from '../shared/FileButton';
import { formatBytes, formatShare } from '../shared/format';
import { Notice } from '../shared/Notice';
import { RunRow } from './RunRow';
import { SpareSnapshots } from './SpareSnapshots';
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
  const quota = useStore(runsStore, (state) => state.quota);
  if (quota === undefined) return null;
  return (
    <div className="runs-room small muted number">
      <p>
        {`${formatBytes(quota.used)} used of ${formatBytes(quota.total)} that the browser gives this page`}
        {quota.used > 0.01 * quota.total ? ` (${formatShare(quota.used / quota.total)}).` : '.'}
      </p>
      <SpareSnapshots />
    </div>
  );
}
