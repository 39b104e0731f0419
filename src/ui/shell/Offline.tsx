import { useStore } from 'zustand';
import { offlineStore, takeNewer } from '../../state/offline';
import { runStore } from '../../state/run';
import { runsStore, wouldBeLost } from '../../state/runs';
import { Notice } from '../shared/Notice';

/** Says that the page needs no connection any more. */
export function WorksOffline() {
  const ready = useStore(offlineStore, (offline) => offline.ready);
  return ready ? <>The page also works offline.</> : null;
}

/** Says that there is a newer version; this tab keeps its own until somebody asks for the other. */
export function NewerVersion() {
  const { newer, otherTabs } = useStore(offlineStore);
  const run = useStore(runStore);
  const isBusy = useStore(runsStore, (runs) => wouldBeLost(runs, run));
  if (newer === undefined) return null;
  return (
    <Notice first>
      A newer version of this page is here. {isBusy ? 'Reload when the run is kept or exported.' : null}
      {otherTabs > 0 ? 'Close the other tabs with this page, then reload.' : null}
      <span className="cures">
        <button type="button" className="button quiet" disabled={isBusy} onClick={() => void takeNewer()}>
          Reload
        </button>
      </span>
    </Notice>
  );
}
