import { useStore } from 'zustand';
import { runStore } from '../../state/run';
import { runsStore, unkeptReason } from '../../state/runs';
import { setDrawer } from '../../state/view';
import { Notice } from '../shared/Notice';
import { SpareSnapshots } from './SpareSnapshots';

/** Why the browser does not keep the run on the page, and what makes room. It goes away when the run is kept again. */
export function Unkept() {
  const run = useStore(runStore);
  const reason = useStore(runsStore, (runs) => unkeptReason(runs, run));
  if (reason === undefined) return null;
  return (
    <Notice bad first>
      {reason}
      <span className="cures">
        <SpareSnapshots />
        <Cure label="Show the runs" tab="runs" />
        <Cure label="Show the export" tab="export" />
      </span>
    </Notice>
  );
}

function Cure({ label, tab }: { readonly label: string; readonly tab: 'runs' | 'export' }) {
  return (
    <button
      type="button"
      className="button quiet"
      onClick={() => {
        setDrawer(tab);
      }}
    >
      {label}
    </button>
  );
}
