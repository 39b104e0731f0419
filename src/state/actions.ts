import type { KnobKey } from '../config/knob';
import type { RunConfig } from '../config/runConfig';
import { saveFile } from '../storage/localFiles';
import { saveSettings, saveView } from '../storage/settings';
import { client } from './client';
import { evaluationStore, NOTHING_ASKED } from './evaluation';
import { forgetExperts } from './experts';
import { messageOf } from './messageOf';
import { keepGhost } from './ghost';
import { continueKept, keepAs } from './keptRun';
import { note } from './log';
import { metrics, metricsChanged } from './metrics';
import { replan } from './planning';
import { inTurn } from './reading';
import { isActive, NO_RUN, runStore } from './run';
import { chosenScenario, currentPrompt, currentSettings, setupStore, type Touched } from './setup';
import { sweepObstacle } from './sweep';

/** Sets one knob; `undefined` goes back to the default. */
export function setKnob<K extends KnobKey>(key: K, value: RunConfig[K] | undefined): void {
  const others = Object.entries(setupStore.getState().touched).filter(([name]) => name !== key);
  setTouched(Object.fromEntries(value === undefined ? others : [...others, [key, value]]));
}

/** Sets some knobs back to their defaults. */
export function resetKnobs(keys: readonly KnobKey[]): void {
  const kept = Object.entries(setupStore.getState().touched).filter(
    ([name]) => !keys.some((key) => key === name),
  );
  setTouched(Object.fromEntries(kept));
}

/** Sets the knobs that count as touched, all others going back to their defaults. */
export function setTouched(touched: Touched): void {
  setupStore.setState({ touched });
  saveSettings(touched);
  void replan();
}

/** Sets what is continued before and after training; `undefined` goes back to the data set's own. */
export function setPrompt(prompt: string | undefined): void {
  setupStore.setState({ prompt });
  saveView({ prompt });
}

/** Starts a run with the settings of the form. */
export async function train(): Promise<void> {
  if (sweepObstacle() !== undefined) return; // the button says so
  const prompt = currentPrompt(setupStore.getState());
  const run = currentSettings().values;
  const scenario = chosenScenario(setupStore.getState())?.id;
  const runId = runStore.getState().runId + 1;
  keepGhost();
  metrics.clear();
  metricsChanged();
  evaluationStore.setState(NOTHING_ASKED, true);
  forgetExperts();
  const keep = keepAs(run);
  runStore.setState({
    ...NO_RUN,
    runId,
    id: keep.id,
    held: true,
    settings: run,
    scenario,
    prompt,
    status: { phase: 'loading', done: 0, total: 0 },
  });
  await tell({ type: 'train', runId, run, prompt, keep });
}

/** Stops after the step under way and keeps everything on the GPU. */
export async function pause(): Promise<void> {
  ask('pause');
  await tell({ type: 'pause', runId: runStore.getState().runId });
}

/** Goes on after a pause, or from the last snapshot of a run that failed. */
export async function resume(): Promise<void> {
  if (sweepObstacle() !== undefined) return;
  const { runId, status, id, held } = runStore.getState();
  if (!held && id !== undefined) {
    await inTurn(() => continueKept(id));
    return;
  }
  if (status.phase === 'failed' && status.resumable !== undefined) {
    metrics.rewind(status.resumable);
    metricsChanged();
    runStore.setState({ status: { phase: 'loading', done: 0, total: 0 } });
  }
  await tell({ type: 'resume', runId });
}

/** Gives a paused run the learning rate of the form, from its next step on. */
export async function changeLearningRate(): Promise<void> {
  const { runId, status } = runStore.getState();
  const { learning_rate } = currentSettings().values;
  if (status.phase !== 'paused') return;
  try {
    await client().call({ type: 'setLearningRate', runId, learning_rate });
  } catch (error) {
    note(messageOf(error)); // it was resumed or broke meanwhile, which the page says
    return;
  }
  runStore.setState((run) =>
    run.runId === runId && run.settings !== undefined ? { settings: { ...run.settings, learning_rate } } : {},
  );
}

/** Does one step of a paused run, which is paused again after it. */
export async function step(): Promise<void> {
  const { runId, status } = runStore.getState();
  if (status.phase === 'paused') await tell({ type: 'step', runId });
}

/** Ends the run under way, where there is one, and starts one with the settings of the form. */
export async function trainWithChanges(): Promise<void> {
  if (isActive(runStore.getState().status)) {
    await stop();
    await settled();
  }
  await train();
}

/** Resolves when no run is under way any more. */
function settled(): Promise<void> {
  return new Promise((resolve) => {
    const look = () => {
      if (isActive(runStore.getState().status)) return;
      unsubscribe();
      resolve();
    };
    const unsubscribe = runStore.subscribe(look);
    look();
  });
}

/** Ends the run after the step under way; what was learned so far can be taken away. */
export async function stop(): Promise<void> {
  ask('stop');
  await tell({ type: 'stop', runId: runStore.getState().runId });
}

/** Continues the prompt once more with the adapter as it is now. */
export async function sampleAgain(): Promise<void> {
  const prompt = currentPrompt(setupStore.getState());
  const sampleProblem = sweepObstacle();
  runStore.setState({ prompt, sampleProblem });
  if (sampleProblem !== undefined) return;
  try {
    await client().call({ type: 'sample', runId: runStore.getState().runId, prompt });
  } catch (error) {
    runStore.setState({ sampleProblem: messageOf(error) });
  }
}

/** Makes the zip with the adapter and hands it to the browser to save. */
export async function exportAdapter(): Promise<void> {
  runStore.setState({ exporting: 'yes', exportProblem: undefined });
  try {
    const { runId, id, held } = runStore.getState();
    const isKept = !held && id !== undefined;
    const file = await client().call(isKept ? { type: 'exportKept', id } : { type: 'export', runId });
    saveFile(file.name, file.bytes);
    const { name, bytes, usage } = file;
    runStore.setState({ exporting: 'no', usage, exported: { name, size: bytes.length } });
  } catch (error) {
    runStore.setState({ exporting: 'no', exportProblem: messageOf(error) });
  }
}

function ask(asked: 'pause' | 'stop'): void {
  runStore.setState(({ status }) => (status.phase === 'running' ? { status: { ...status, asked } } : {}));
}

/** Sends a command about the run; a refusal fails the run with its sentence. */
async function tell(command: Parameters<ReturnType<typeof client>['call']>[0]): Promise<void> {
  try {
    await client().call(command);
  } catch (error) {
    runStore.setState({ status: { phase: 'failed', message: messageOf(error), resumable: undefined } });
  }
}
