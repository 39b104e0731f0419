import { createStore } from 'zustand/vanilla';
import { stepPoint, type Recording } from '../replay/recording';
import { beatStore } from './beat';
import { deviceStore } from './device';
import { ghostStore, type Ghost } from './ghost';
import { MetricsLog } from './metrics';
import { runStore } from './run';
import { runsStore } from './runs';
import { chosenScenario, setupStore } from './setup';

/** What a first run here is like, by a recorded one; undefined where there is none of this model and scenario. */
export const previewStore = createStore<{ readonly recording: Recording | undefined }>(() => ({
  recording: undefined,
}));

/** What the recorded base model said of a prompt; undefined where it was not asked that. */
export function recordedBefore(recording: Recording | undefined, prompt: string): string | undefined {
  if (recording?.prompt !== prompt) return undefined;
  for (const { event } of recording.moments) {
    if (event.type === 'sample' && event.when === 'before' && event.complete) return event.text;
  }
  return undefined;
}

/**
 * While no run was made in this browser, lays the curves of the recorded one under the charts, so that nobody meets an
 * empty page. They stay during the first run. Returns how to stop.
 */
export function watchPreview(): () => void {
  let fetched: Promise<Recording | undefined> | undefined;
  let ended = false;
  const look = () => {
    if (ended || !isFirstVisit()) {
      show(undefined);
      return;
    }
    // A page without it is as good, but emptier.
    fetched ??= import('../replay/fetchRecording')
      .then(({ fetchRecording }) => fetchRecording())
      .catch(() => undefined);
    void fetched.then((recording) => {
      const isShown = !ended && isFirstVisit() && recording !== undefined && isOf(recording);
      show(isShown ? recording : undefined);
    });
  };
  const ends = [deviceStore, setupStore, runStore, runsStore].map((store) => store.subscribe(look));
  look();
  return () => {
    ended = true;
    for (const end of ends) end();
    look();
  };
}

/** The ghost that this file made; a run's own is not touched. */
let made: Ghost | undefined;

/** Whether there was no run before the one on the page, and nothing else to compare that with. */
function isFirstVisit(): boolean {
  const { id, status } = runStore.getState();
  return (
    deviceStore.getState().status === 'ready' &&
    setupStore.getState().model.chosen !== undefined &&
    runsStore.getState().runs.every((run) => run.id === id) &&
    (status.phase === 'idle' || made !== undefined) &&
    ghostStore.getState().ghost === made &&
    beatStore.getState().points.length === 0
  );
}

function isOf({ model, scenario }: Recording): boolean {
  const setup = setupStore.getState();
  return setup.model.chosen?.info.name === model.name && chosenScenario(setup)?.id === scenario;
}

function show(recording: Recording | undefined): void {
  if (previewStore.getState().recording === recording) return;
  const isOwn = ghostStore.getState().ghost === made;
  made = recording && ghostOf(recording);
  if (isOwn) ghostStore.setState({ ghost: made });
  previewStore.setState({ recording });
}

function ghostOf(recording: Recording): Ghost {
  const log = new MetricsLog();
  for (let index = 0; index < recording.run.max_steps; index++) log.push(stepPoint(recording, index));
  const { name, fallback } = recording.device;
  // What stands behind a colon or in brackets are versions of its driver.
  const machine = `${name.split(/[:(]/, 1).join('').trim()}${fallback ? ', in software' : ''}`;
  return { name: `recorded run, on ${machine}`, log, settings: recording.run };
}
