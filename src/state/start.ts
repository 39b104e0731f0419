import { findScenario } from '../scenarios/table';
import { firstModel, readCatalogue } from '../storage/catalogue';
import { loadSettings, loadView } from '../storage/settings';
import { client } from './client';
import { deviceStore, type DeviceState } from './device';
import { applyEvent } from './events';
import { watchSetup } from './history';
import { noteEvent, watchRuns } from './log';
import { recover, takeUp } from './keptRun';
import { messageOf } from './messageOf';
import { watchPace } from './pace';
import { inTurn, readData, readModel, scenarioSource } from './reading';
import { isActive, runStore } from './run';
import { isSoftware, setupStore } from './setup';
import { missModel, readAddress } from './share';
import { isSweeping, sweepStore } from './sweep';
import { drawerTab, viewStore } from './view';

/** What the page opens with on a first visit. */
const FIRST_SCENARIO = 'clerk';

let watches: readonly (() => void)[] = [];

/** Brings the page to life: settings, device, bundled model and data. Everything it meets ends in a store. */
export async function start(hasWebGpu: boolean): Promise<void> {
  const { prompt, scenario, drawer, ...look } = loadView();
  viewStore.setState({ ...look, drawer: drawerTab(drawer) });
  const link = readAddress();
  setupStore.setState({ touched: { ...loadSettings(), ...link.settings }, prompt });
  client().onEvent(applyEvent);
  client().onEvent(noteEvent);
  for (const stop of watches) stop();
  watches = [watchRuns(), watchPace()];
  client().onCrash((message, restarted) => {
    if (restarted) {
      void startAgain(message);
      return;
    }
    deviceStore.setState({ status: 'refused', message }, true);
    if (isActive(runStore.getState().status)) {
      runStore.setState({ status: { phase: 'failed', message, resumable: undefined } });
    }
  });
  await inTurn(() => openFirst(hasWebGpu, link.scenario ?? scenario, link.model));
  watchSetup();
}

/**
 * The device; the scenario of the link or of an earlier visit with its model (or the link's), else the first scenario
 * with the bundled model that fits the device.
 */
async function openFirst(
  hasWebGpu: boolean,
  before: string | undefined,
  linked: string | undefined,
): Promise<void> {
  deviceStore.setState(hasWebGpu ? await openDevice() : { status: 'missing' }, true);
  if (deviceStore.getState().status !== 'ready') return;
  const catalogue = await readCatalogue().catch((error: unknown) => {
    setupStore.setState(({ model }) => ({ model: { ...model, problem: messageOf(error) } }));
    return undefined;
  });
  if (catalogue === undefined) return;
  setupStore.setState({ catalogue });
  if (await takeUp()) return;
  const kept = before === undefined ? undefined : findScenario(before);
  const own = catalogue.models.find(({ name }) => name === kept?.model);
  const wanted = catalogue.models.find(({ name }) => name === linked);
  if (linked !== undefined && wanted === undefined) missModel(linked);
  const model = wanted ?? own ?? firstModel(catalogue, isSoftware());
  if (model === undefined) return;
  setupStore.setState({ modelByHand: wanted !== undefined && wanted !== own });
  await readModel(model.source);
  // Somebody may have chosen other data meanwhile; it is read next.
  if (setupStore.getState().data.reading === undefined)
    await readData(scenarioSource(kept?.id ?? FIRST_SCENARIO));
}

/** After the worker died and another took its place: all that was under way goes on there. */
async function startAgain(message: string): Promise<void> {
  const wasSweeping = isSweeping(sweepStore.getState());
  deviceStore.setState({ status: 'checking' }, true);
  await inTurn(async () => {
    deviceStore.setState(await openDevice(), true);
    if (deviceStore.getState().status === 'ready') await recover(message);
  });
  if (wasSweeping) await (await import('./sweepQueue')).continueSweep();
}

async function openDevice(): Promise<DeviceState> {
  try {
    return { status: 'ready', info: await client().call({ type: 'openDevice' }) };
  } catch (error) {
    return { status: 'refused', message: messageOf(error) };
  }
}
