import type { KnobKey } from '../config/knob';
import type { RunConfig } from '../config/runConfig';
import { firstModel, readCatalogue } from '../storage/catalogue';
import { guessKind, saveFile } from '../storage/localFiles';
import { loadSettings, loadView, saveSettings, saveView } from '../storage/settings';
import type { FileSource } from '../worker/protocol';
import { client } from './client';
import { deviceStore, type DeviceState } from './device';
import { applyEvent } from './events';
import { metrics, metricsChanged } from './metrics';
import { isActive, NO_RUN, runStore } from './run';
import { currentPrompt, currentSettings, isSoftware, setupStore, type Slot, type Touched } from './setup';
import { viewStore } from './view';

/** Brings the page to life: settings, device, bundled model and data. Everything it meets ends in a store. */
export async function start(hasWebGpu: boolean): Promise<void> {
  const view = loadView();
  viewStore.setState(view);
  setupStore.setState({ touched: loadSettings(), prompt: view.prompt });
  client().onEvent(applyEvent);
  client().onCrash((message) => {
    deviceStore.setState({ status: 'refused', message }, true);
    if (isActive(runStore.getState().status)) {
      runStore.setState({ status: { phase: 'failed', message, resumable: undefined } });
    }
  });
  deviceStore.setState(hasWebGpu ? await openDevice() : { status: 'missing' }, true);
  if (deviceStore.getState().status !== 'ready') return;
  const catalogue = await readCatalogue().catch((error: unknown) => {
    setupStore.setState(({ model }) => ({ model: { ...model, problem: messageOf(error) } }));
    return undefined;
  });
  if (catalogue === undefined) return;
  setupStore.setState({ catalogue });
  const model = firstModel(catalogue, isSoftware());
  if (model === undefined) return;
  await chooseModel(model.source);
  await chooseData(catalogue.data);
}

async function openDevice(): Promise<DeviceState> {
  try {
    return { status: 'ready', info: await client().call({ type: 'openDevice' }) };
  } catch (error) {
    return { status: 'refused', message: messageOf(error) };
  }
}

/** Takes files that were dropped on no card in particular. */
export async function chooseDropped(source: FileSource): Promise<void> {
  const names = source.kind === 'files' ? source.files.map((file) => file.name) : source.urls;
  await (guessKind(names) === 'model' ? chooseModel(source) : chooseData(source));
}

/** Reads a checkpoint. On a problem the model of before stays. */
export async function chooseModel(source: FileSource): Promise<void> {
  const { data } = setupStore.getState();
  if (!(await fill('model', source))) return;
  // The data set is shown through the model's tokenizer and template.
  if (data.chosen !== undefined) await fill('data', data.chosen.source);
  await replan();
}

/** Reads a data set. On a problem the one of before stays. */
export async function chooseData(source: FileSource): Promise<void> {
  if (await fill('data', source)) await replan();
}

async function fill(slot: 'model' | 'data', source: FileSource): Promise<boolean> {
  const change = (part: Partial<Slot<never>>) => {
    setupStore.setState((state) => ({ [slot]: { ...state[slot], ...part } }));
  };
  change({ reading: source.name, problem: undefined, refused: undefined });
  try {
    const info = await client().call({ type: slot === 'model' ? 'loadModel' : 'loadData', source });
    const settled = { reading: undefined, problem: undefined, refused: undefined };
    setupStore.setState({ [slot]: { chosen: { info, source }, ...settled } });
    return true;
  } catch (error) {
    change({ reading: undefined, problem: messageOf(error), refused: source });
    return false;
  }
}

/** Puts away the sentence about a model or data set that could not be read. */
export function dismissProblem(slot: 'model' | 'data'): void {
  setupStore.setState((state) => ({ [slot]: { ...state[slot], problem: undefined, refused: undefined } }));
}

/** Sets one knob; `undefined` goes back to the default. */
export function setKnob<K extends KnobKey>(key: K, value: RunConfig[K] | undefined): void {
  const others = Object.entries(setupStore.getState().touched).filter(([name]) => name !== key);
  const touched = Object.fromEntries(value === undefined ? others : [...others, [key, value]]) as Touched;
  setupStore.setState({ touched });
  saveSettings(touched);
  void replan();
}

/** Sets what is continued before and after training; `undefined` goes back to the data set's own. */
export function setPrompt(prompt: string | undefined): void {
  setupStore.setState({ prompt });
  saveView({ prompt });
}

let lastPlan = 0;

/** Asks what a run with the present settings would take; only the latest answer counts. */
export async function replan(): Promise<void> {
  const { values, problem } = currentSettings();
  if (setupStore.getState().model.chosen === undefined || problem !== undefined) return;
  const turn = ++lastPlan;
  try {
    const plan = await client().call({ type: 'plan', run: values });
    if (turn === lastPlan) setupStore.setState({ plan, planProblem: undefined });
  } catch (error) {
    if (turn === lastPlan) setupStore.setState({ plan: undefined, planProblem: messageOf(error) });
  }
}

/** Starts a run with the settings of the form. */
export async function train(): Promise<void> {
  const prompt = currentPrompt(setupStore.getState());
  const run = currentSettings().values;
  const runId = runStore.getState().runId + 1;
  metrics.clear();
  metricsChanged();
  runStore.setState({
    ...NO_RUN,
    runId,
    settings: run,
    prompt,
    status: { phase: 'loading', done: 0, total: 0 },
  });
  await tell({ type: 'train', runId, run, prompt });
}

/** Stops after the step under way and keeps everything on the GPU. */
export async function pause(): Promise<void> {
  ask('pause');
  await tell({ type: 'pause', runId: runStore.getState().runId });
}

/** Goes on after a pause, or from the last snapshot of a run that failed. */
export async function resume(): Promise<void> {
  const { runId, status } = runStore.getState();
  if (status.phase === 'failed' && status.resumable !== undefined) {
    metrics.rewind(status.resumable);
    metricsChanged();
    runStore.setState({ status: { phase: 'loading', done: 0, total: 0 } });
  }
  await tell({ type: 'resume', runId });
}

/** Ends the run after the step under way; what was learned so far can be taken away. */
export async function stop(): Promise<void> {
  ask('stop');
  await tell({ type: 'stop', runId: runStore.getState().runId });
}

/** Continues the prompt once more with the adapter as it is now. */
export async function sampleAgain(): Promise<void> {
  const prompt = currentPrompt(setupStore.getState());
  runStore.setState({ prompt, sampleProblem: undefined });
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
    const file = await client().call({ type: 'export', runId: runStore.getState().runId });
    saveFile(file.name, file.bytes);
    runStore.setState({ exporting: 'no', usage: file.usage });
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

/** The sentence of whatever was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
