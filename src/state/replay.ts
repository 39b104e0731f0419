import { fetchRecording } from '../replay/fetchRecording';
import { otherSettings, type Recording } from '../replay/recording';
import { readCatalogue } from '../storage/catalogue';
import { setPrompt, setTouched } from './actions';
import { note } from './log';
import { messageOf } from './messageOf';
import { inTurn, readData, readModel, scenarioSource } from './reading';
import { isActive, runStore } from './run';
import { refreshRuns } from './runs';
import { currentSettings, setupStore, type Touched } from './setup';

/** The recorded run that the page can show; undefined where it does not come, which the log then says. */
export async function openRecording(): Promise<Recording | undefined> {
  try {
    return await fetchRecording();
  } catch (error) {
    note(messageOf(error));
    return undefined;
  }
}

/** Sets the page up as the recorded run was. What this browser keeps for the day when it can train stays as it is. */
export async function setUpRecorded(recording: Recording): Promise<void> {
  await refreshRuns();
  const catalogue = await readCatalogue().catch((error: unknown) => {
    setupStore.setState(({ model }) => ({ model: { ...model, problem: messageOf(error) } }));
    return undefined;
  });
  const own = catalogue?.models.find(({ name }) => name === recording.model.name);
  setupStore.setState({ catalogue, touched: {}, prompt: undefined, modelByHand: false });
  if (own === undefined) return;
  await readModel(own.source);
  await readData(scenarioSource(recording.scenario));
  setupStore.setState({ touched: recordedSettings(recording) });
}

/** Goes back to the model, the data, the settings and the prompt of the recorded run. */
export async function takeRecorded(recording: Recording): Promise<void> {
  await inTurn(() => setUpRecorded(recording));
  setTouched(recordedSettings(recording));
  setPrompt(undefined);
}

/** After the worker died and another took its place: the same set-up, the run being over. */
export async function recoverReplay(recording: Recording, message: string): Promise<void> {
  if (isActive(runStore.getState().status)) {
    runStore.setState({ status: { phase: 'failed', message, resumable: undefined } });
  }
  await inTurn(() => setUpRecorded(recording));
}

/** What of the recorded settings is not what the page would begin with: nothing, unless those have changed since. */
function recordedSettings(recording: Recording): Touched {
  const { run } = recording;
  const keys = otherSettings(recording, currentSettings().defaults);
  return Object.fromEntries(keys.map((key) => [key, run[key]]));
}
