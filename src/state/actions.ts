import type { KnobKey } from '../config/knob';
import type { RunConfig } from '../config/runConfig';
import { findScenario } from '../scenarios/table';
import { firstModel, readCatalogue } from '../storage/catalogue';
import { guessKind, saveFile } from '../storage/localFiles';
import { loadSettings, loadView, saveSettings, saveView } from '../storage/settings';
import type { DataInfo, FileSource, ModelInfo, QuestionsInfo } from '../worker/protocol';
import { client } from './client';
import { deviceStore, type DeviceState } from './device';
import { applyEvent } from './events';
import { evaluationStore, NOTHING_ASKED } from './evaluation';
import { forgetExperts } from './experts';
import { metrics, metricsChanged } from './metrics';
import { isActive, NO_RUN, runStore } from './run';
import {
  chosenScenario,
  currentPrompt,
  currentSettings,
  isSoftware,
  setupStore,
  type Slot,
  type Touched,
} from './setup';
import { sweepObstacle } from './sweep';
import { viewStore } from './view';

/** What the page opens with on a first visit. */
const FIRST_SCENARIO = 'clerk';

/** Brings the page to life: settings, device, bundled model and data. Everything it meets ends in a store. */
export async function start(hasWebGpu: boolean): Promise<void> {
  const view = loadView();
  const { prompt, scenario, ...look } = view;
  viewStore.setState(look);
  setupStore.setState({ touched: loadSettings(), prompt });
  client().onEvent(applyEvent);
  client().onCrash((message) => {
    deviceStore.setState({ status: 'refused', message }, true);
    if (isActive(runStore.getState().status)) {
      runStore.setState({ status: { phase: 'failed', message, resumable: undefined } });
    }
  });
  await inTurn(() => openFirst(hasWebGpu, scenario));
}

/**
 * The device; the scenario that was chosen on an earlier visit with its model, or the first scenario with the bundled
 * model that fits the device.
 */
async function openFirst(hasWebGpu: boolean, before: string | undefined): Promise<void> {
  deviceStore.setState(hasWebGpu ? await openDevice() : { status: 'missing' }, true);
  if (deviceStore.getState().status !== 'ready') return;
  const catalogue = await readCatalogue().catch((error: unknown) => {
    setupStore.setState(({ model }) => ({ model: { ...model, problem: messageOf(error) } }));
    return undefined;
  });
  if (catalogue === undefined) return;
  setupStore.setState({ catalogue });
  const kept = before === undefined ? undefined : findScenario(before);
  const own = catalogue.models.find(({ name }) => name === kept?.model);
  const model = own ?? firstModel(catalogue, isSoftware());
  if (model === undefined) return;
  await readModel(model.source);
  // Somebody may have chosen other data meanwhile; it is read next.
  if (setupStore.getState().data.reading === undefined)
    await readData(scenarioSource(kept?.id ?? FIRST_SCENARIO));
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
  const names = source.kind === 'files' ? source.files.map((file) => file.name) : [];
  await (guessKind(names) === 'model' ? chooseModel(source) : chooseData(source));
}

/** Reads the checkpoint that somebody chose. On a problem the model of before stays. */
export async function chooseModel(source: FileSource): Promise<void> {
  if (isRefused('model')) return;
  announce('model', source);
  await inTurn(async () => {
    if (!isWanted('model', source)) return;
    if (await readModel(source)) setupStore.setState({ modelByHand: true });
  });
}

/**
 * Reads a data set. On a problem the one of before stays. A scenario brings its model along, unless somebody
 * chose one.
 */
export async function chooseData(source: FileSource): Promise<void> {
  if (isRefused('data')) return;
  announce('data', source);
  await inTurn(async () => {
    if (!isWanted('data', source)) return;
    const { model, modelByHand, catalogue } = setupStore.getState();
    const scenario = source.kind === 'scenario' ? findScenario(source.id) : undefined;
    saveView({ scenario: scenario?.id });
    const own = catalogue?.models.find(({ name }) => name === scenario?.model)?.source;
    if (own !== undefined && own !== model.chosen?.source && !modelByHand) await fill('model', own);
    await readData(source);
  });
}

/** The data of a scenario. */
export function scenarioSource(id: string): FileSource {
  return { kind: 'scenario', id, name: id };
}

async function readModel(source: FileSource): Promise<boolean> {
  if (!(await fill('model', source))) return false;
  const { data } = setupStore.getState();
  // The data set is shown through the model's tokenizer and template.
  if (data.chosen !== undefined) await fill('data', data.chosen.source);
  await replan();
  return true;
}

async function readData(source: FileSource): Promise<void> {
  const info = source.kind === 'files' ? await questionsIn(source) : undefined;
  setupStore.setState({ questions: info && { info, source } });
  if (await fill('data', source)) await replan();
  // Questions need not be anything to learn from.
  else if (info !== undefined) dismissProblem('data');
}

/** The questions of a file; what is wrong with a file that holds none is said when it is read as data. */
async function questionsIn(source: FileSource): Promise<QuestionsInfo | undefined> {
  return await client()
    .call({ type: 'loadQuestions', source })
    .catch(() => undefined);
}

let turns: Promise<unknown> = Promise.resolve();

/** Reads one thing after another: what the page shows is then what the worker read last. */
function inTurn<T>(work: () => Promise<T>): Promise<T> {
  const turn = turns.then(work);
  turns = turn.catch(() => undefined);
  return turn;
}

/** Says what will be read as soon as it is its turn. */
function announce(slot: 'model' | 'data', source: FileSource): void {
  setupStore.setState((state) => ({
    [slot]: { ...state[slot], reading: source, problem: undefined, refused: undefined },
  }));
}

/** Says so where a comparison needs what is there. */
function isRefused(slot: 'model' | 'data'): boolean {
  const problem = sweepObstacle();
  if (problem !== undefined) setupStore.setState((state) => ({ [slot]: { ...state[slot], problem } }));
  return problem !== undefined;
}

/** Whether nothing else was chosen while this waited for its turn. */
function isWanted(slot: 'model' | 'data', source: FileSource): boolean {
  return setupStore.getState()[slot].reading === source;
}

async function fill(slot: 'model' | 'data', source: FileSource): Promise<boolean> {
  if (setupStore.getState()[slot].reading === undefined) announce(slot, source);
  const settle = (part: Partial<Slot<ModelInfo | DataInfo>>) => {
    setupStore.setState((state) => {
      const { reading } = state[slot]; // what waits for its turn stays announced
      const waiting = reading === source ? undefined : reading;
      return {
        [slot]: { ...state[slot], reading: waiting, problem: undefined, refused: undefined, ...part },
      };
    });
  };
  try {
    const info = await client().call({ type: slot === 'model' ? 'loadModel' : 'loadData', source });
    settle({ chosen: { info, source } });
    return true;
  } catch (error) {
    settle({ problem: messageOf(error), refused: source });
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
  setTouched(Object.fromEntries(value === undefined ? others : [...others, [key, value]]));
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
  if (sweepObstacle() !== undefined) return; // the button says so
  const prompt = currentPrompt(setupStore.getState());
  const run = currentSettings().values;
  const scenario = chosenScenario(setupStore.getState())?.id;
  const runId = runStore.getState().runId + 1;
  metrics.clear();
  metricsChanged();
  evaluationStore.setState(NOTHING_ASKED, true);
  forgetExperts();
  runStore.setState({
    ...NO_RUN,
    runId,
    settings: run,
    scenario,
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
  if (sweepObstacle() !== undefined) return;
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
