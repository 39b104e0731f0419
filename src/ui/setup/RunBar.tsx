import { useStore } from 'zustand';
import { changeLearningRate, pause, resume, stop, train, trainWithChanges } from '../../state/actions';
import { command } from '../../state/commands';
import { deviceStore, type DeviceState } from '../../state/device';
import { evaluationStore } from '../../state/evaluation';
import { whatIsMissing } from '../../state/obstacle';
import { runStore, type RunStatus } from '../../state/run';
import { setupStore } from '../../state/setup';
import { sweepObstacle, sweepStore } from '../../state/sweep';
import { FitStrip } from './FitStrip';
import { useSettings } from './useSettings';

/** What a run will take, and the buttons that start, hold and end it. Always in reach. */
export function RunBar() {
  return (
    <div className="run-bar" role="region" aria-label="Run">
      <FitStrip />
      <RunButtons />
    </div>
  );
}

function RunButtons() {
  const status = useStore(runStore, (run) => run.status);
  const changed = useChanged();
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
        <>
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
          <WithChanges shown={changed} />
        </>
      );
    case 'paused':
      return (
        <>
          <RateChange />
          <div className="run-buttons">
            <button type="button" className="button primary wide" onClick={() => void resume()}>
              Resume
            </button>
            <button type="button" className="button" title="One step (S)" onClick={command('step').run}>
              Step
            </button>
            <StopButton asked={false} />
          </div>
          <WithChanges shown={changed} />
        </>
      );
    case 'idle':
    case 'done':
    case 'failed':
      return <StartButtons status={status} changed={changed} />;
  }
}

function StartButtons({
  status,
  changed,
}: {
  readonly status: Extract<RunStatus, { phase: 'idle' | 'done' | 'failed' }>;
  readonly changed: boolean;
}) {
  const setup = useStore(setupStore);
  const device = useStore(deviceStore);
  const settings = useSettings();
  const evaluation = useStore(evaluationStore);
  const comparing = useStore(sweepStore, sweepObstacle);
  const obstacle = whatIsMissing(setup, device, settings, evaluation, comparing);
  const resumable = status.phase === 'failed' && comparing === undefined ? status.resumable : undefined;
  const verb = device.status === 'replay' ? 'Replay' : 'Train';
  const label = status.phase === 'idle' ? verb : changed ? 'Run with changes' : `${verb} again`;
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
          className={trainClass(status.phase, changed, resumable)}
          disabled={obstacle !== undefined}
          aria-describedby="obstacle"
          aria-keyshortcuts="Space"
          onClick={() => {
            document.querySelector('.results')?.scrollIntoView(); // on narrow screens it is far below
            void train();
          }}
        >
          {label}
        </button>
      </div>
      <p id="obstacle" className="small muted" hidden={obstacle === undefined}>
        {obstacle}
      </p>
      {device.status === 'replay' && obstacle !== undefined ? <BackToRecorded device={device} /> : null}
    </>
  );
}

/** The one setting that a run can take over in the middle. */
function RateChange() {
  const isReplay = useStore(deviceStore, ({ status }) => status === 'replay');
  const started = useStore(runStore, (run) => run.settings?.learning_rate);
  const { values, problem } = useSettings();
  if (isReplay || started === undefined || values.learning_rate === started || problem !== undefined)
    return null;
  return (
    <button
      type="button"
      className="button wide"
      title="The schedule keeps its shape; the change is marked on the curves"
      onClick={() => void changeLearningRate()}
    >
      Take learning rate {values.learning_rate} from here on
    </button>
  );
}

/** Sets the page up as the recorded run was. */
function BackToRecorded({ device }: { readonly device: Extract<DeviceState, { status: 'replay' }> }) {
  const take = async () => {
    const { takeRecorded } = await import('../../state/replay');
    await takeRecorded(device.recording);
  };
  return (
    <button type="button" className="button quiet" onClick={() => void take()}>
      Back to the recorded run
    </button>
  );
}

/** Settings belong to a run from its start; a change in the middle must not look as if it did anything. */
function WithChanges({ shown }: { readonly shown: boolean }) {
  const { problem } = useSettings();
  if (!shown) return null;
  return (
    <div className="with-changes">
      <p className="small muted">The changed settings count from the next run on.</p>
      <button
        type="button"
        className="button quiet"
        disabled={problem !== undefined}
        title="Ends this run and starts one with the settings of the form"
        onClick={() => void trainWithChanges()}
      >
        Run with changes
      </button>
    </div>
  );
}

/** Whether the form says something else than the run on the page. */
function useChanged(): boolean {
  const started = useStore(runStore, (run) => run.settings);
  const { values } = useSettings();
  return started !== undefined && JSON.stringify(started) !== JSON.stringify(values);
}

function StopButton({ asked }: { readonly asked: boolean }) {
  return (
    <button type="button" className="button wide" disabled={asked} onClick={() => void stop()}>
      {asked ? 'Stopping …' : 'Stop'}
    </button>
  );
}

/** Only the likeliest next deed is bright: after a run that is the export, after a failure the resumption. */
function trainClass(phase: RunStatus['phase'], changed: boolean, resumable: number | undefined): string {
  if (resumable !== undefined) return 'button';
  return phase === 'done' && !changed ? 'button wide' : 'button primary wide';
}
