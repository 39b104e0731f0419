import { useStore } from 'zustand';
import { pause, resume, stop, train } from '../../state/actions';
import { deviceStore, type DeviceState } from '../../state/device';
import { evaluationStore } from '../../state/evaluation';
import { isActive, runStore, type RunStatus } from '../../state/run';
import { sweepObstacle, sweepStore } from '../../state/sweep';
import { setupStore, type Settings, type SetupState } from '../../state/setup';
import { FitStrip } from './FitStrip';
import { useSettings } from './useSettings';

/** What a run will take, and the buttons that start, hold and end it. Always in reach. */
export function RunBar() {
  return (
    <div className="run-bar" role="region" aria-label="Run">
      <FitStrip />
      <RunButtons />
      <LaterNote />
    </div>
  );
}

function RunButtons() {
  const status = useStore(runStore, (run) => run.status);
  const setup = useStore(setupStore);
  const device = useStore(deviceStore);
  const settings = useSettings();
  const asking = useStore(evaluationStore, (evaluation) => evaluation.asking);
  const comparing = useStore(sweepStore, sweepObstacle);
  switch (status.phase) {
    case 'loading':
    case 'compiling':
      return (
        <div className="run-buttons">
          <StopButton asked={false} />
        </div>
      );
    case 'running':
      return (
        <div className="run-buttons">
          <button
            type="button"
            className="button wide"
            disabled={status.asked !== undefined}
            onClick={() => void pause()}
          >
            {status.asked === 'pause' ? 'Pausing …' : 'Pause'}
          </button>
          <StopButton asked={status.asked === 'stop'} />
        </div>
      );
    case 'paused':
      return (
        <div className="run-buttons">
          <button type="button" className="button primary wide" onClick={() => void resume()}>
            Resume
          </button>
          <StopButton asked={false} />
        </div>
      );
    case 'idle':
    case 'done':
    case 'failed': {
      const obstacle =
        comparing ??
        (asking ? 'Questions are being asked; stop that first.' : whatIsMissing(setup, device, settings));
      const resumable = status.phase === 'failed' && comparing === undefined ? status.resumable : undefined;
      return (
        <>
          <div className="run-buttons">
            {resumable === undefined ? null : (
              <button type="button" className="button primary wide" onClick={() => void resume()}>
                Resume at step {resumable}
              </button>
            )}
            <button
              type="button"
              className={trainClass(status.phase, resumable)}
              disabled={obstacle !== undefined}
              aria-describedby="obstacle"
              onClick={() => {
                document.querySelector('.results')?.scrollIntoView(); // on narrow screens it is far below
                void train();
              }}
            >
              {status.phase === 'idle' ? 'Train' : 'Train again'}
            </button>
          </div>
          <p id="obstacle" className="small muted" hidden={obstacle === undefined}>
            {obstacle}
          </p>
        </>
      );
    }
  }
}

/** Settings belong to a run from its start; a change in the middle must not look as if it did anything. */
function LaterNote() {
  const started = useStore(runStore, (run) => (isActive(run.status) ? run.settings : undefined));
  const { values } = useSettings();
  if (started === undefined || JSON.stringify(started) === JSON.stringify(values)) return null;
  return <p className="small muted">The changed settings count from the next run on.</p>;
}

function StopButton({ asked }: { readonly asked: boolean }) {
  return (
    <button type="button" className="button wide" disabled={asked} onClick={() => void stop()}>
      {asked ? 'Stopping …' : 'Stop'}
    </button>
  );
}

/** Only the likeliest next deed is bright: after a run that is the export, after a failure the resumption. */
function trainClass(phase: RunStatus['phase'], resumable: number | undefined): string {
  if (phase === 'done') return 'button wide';
  return resumable === undefined ? 'button primary wide' : 'button';
}

/** Why training cannot start now, as a hint beside the button. */
function whatIsMissing(setup: SetupState, device: DeviceState, settings: Settings): string | undefined {
  if (device.status === 'checking') return 'Looking for a GPU …';
  if (device.status !== 'ready') return 'There is no GPU to train on.';
  if (setup.model.chosen === undefined) return 'Choose a model first.';
  if (setup.data.chosen === undefined) return 'Choose a data set first.';
  if (setup.model.reading !== undefined || setup.data.reading !== undefined) return 'Reading files …';
  return settings.problem?.message;
}
