import { useStore } from 'zustand';
import { dropSpareSnapshots, runsStore, spareSnapshots } from '../../state/runs';
import { formatBytes } from '../shared/format';

/** The button that makes room by deleting the snapshots of older runs; nothing where there are none. */
export function SpareSnapshots() {
  const runs = useStore(runsStore, (state) => state.runs);
  const spare = spareSnapshots(runs);
  if (spare.length === 0) return null;
  const bytes = spare.reduce((sum, { snapshotBytes }) => sum + snapshotBytes, 0);
  return (
    <button
      type="button"
      className="button quiet"
      title="Of runs that are over and not pinned, all but the newest. Their curves and texts stay; they can no longer be exported or gone on with."
      onClick={() => void dropSpareSnapshots()}
    >
      {`Delete ${spare.length === 1 ? 'an older snapshot' : `${spare.length} older snapshots`}, ${formatBytes(bytes)}`}
    </button>
  );
}
