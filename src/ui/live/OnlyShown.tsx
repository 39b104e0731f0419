import { useStore } from 'zustand';
import { resume } from '../../state/actions';
import { isOnlyShown, runStore } from '../../state/run';
import { runsStore } from '../../state/runs';
import { sweepObstacle, sweepStore } from '../../state/sweep';

/** Id of the sentence that says why controls are off while a run is only shown. */
export const ONLY_SHOWN = 'only-shown';

/** Says of a kept run that it is only shown, and has the button that brings its adapter back to the GPU. */
export function OnlyShown() {
  const onlyShown = useStore(runStore, isOnlyShown);
  const isDone = useStore(runStore, ({ status }) => status.phase === 'done');
  const id = useStore(runStore, (run) => run.id);
  const hasSnapshot = useStore(runsStore, ({ runs }) =>
    runs.some((run) => run.id === id && run.snapshotBytes > 0),
  );
  const obstacle = useStore(sweepStore, sweepObstacle);
  // A run that broke off says itself how it goes on.
  if (!onlyShown || !isDone) return null;
  return (
    <div className="only-shown small muted">
      <p id={ONLY_SHOWN}>
        {hasSnapshot
          ? 'This run is shown as it was kept. To try, measure or look inside its adapter, bring it back to the GPU first.'
          : 'This run is shown as it was kept. Its adapter was not kept, so it cannot be tried, measured or looked into.'}
      </p>
      {hasSnapshot ? (
        <button
          type="button"
          className="button quiet"
          disabled={obstacle !== undefined}
          title={obstacle}
          onClick={() => void resume()}
        >
          Bring it back
        </button>
      ) : null}
    </div>
  );
}
