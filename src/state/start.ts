import { findScenario } from '../scenarios/table';
import { readCatalogue } from '../storage/catalogue';
import { loadSettings, loadView } from '../storage/settings';
import type { TrainingClient } from '../worker/client';
import { client, setClient } from './client';
import { deviceStore, type DeviceState } from './device';
import { applyEvent } from './events';
import { watchSetup } from './history';
import { noteEvent, watchRuns } from './log';
import { recover, takeUp } from './keptRun';
import { messageOf } from './messageOf';
import { watchPace } from './pace';
import { inTurn, readData, readModel, scenarioSource } from './reading';
import { isActive, runStore } from './run';
import { setupStore } from './setup';
import { missModel, readAddress } from './share';
import { isSweeping, sweepStore } from './sweep';
import { drawerTab, viewStore } from './view';

/** What the page opens with on a first visit. */
const FIRST_SCENARIO = 'clerk';

let watches: readonly (() => void)[] = [];

/** Whether the device is being opened, and whether a worker died over it. */
const opening = { isUnderWay: false, hasFailed: false };

/**
 * Brings the page to life: settings, device, bundled model and data. Everything it meets ends in a store.
 *
 * @param hasWebGpu else the client that was set is one of the replay's
 * @param openReplay gives a client of a worker that replays a recorded run, for a browser that gives no device; without
 *   it, and where WebGPU is missing, the page is only told so
 */
export async function start(hasWebGpu: boolean, openReplay?: () => TrainingClient): Promise<void> {
  const { prompt, scenario, drawer, ...look } = loadView();
  viewStore.setState({ ...look, drawer: drawerTab(drawer) });
  const link = readAddress();
  setupStore.setState({ touched: { ...loadSettings(), ...link.settings }, prompt });
  listen();
  for (const stop of watches) stop();
  watches = [watchRuns()];
  await inTurn(async () => {
    const device: DeviceState = hasWebGpu ? await openDevice() : { status: 'missing' };
    if (device.status === 'ready') {
      deviceStore.setState(device, true);
      watches = [...watches, watchPace()];
      await openFirst(link.scenario ?? scenario, link.model);
    } else await replayInstead(device, hasWebGpu, openReplay);
  });
  watchSetup();
}

function listen(): void {
  client().onEvent(applyEvent);
  client().onEvent(noteEvent);
  client().onCrash((message, restarted) => {
    if (restarted && opening.isUnderWay) {
      opening.hasFailed = true;
      return;
    }
    if (restarted) {
      void startAgain(message);
      return;
    }
    deviceStore.setState({ status: 'refused', message }, true);
    if (isActive(runStore.getState().status)) {
      runStore.setState({ status: { phase: 'failed', message, resumable: undefined } });
    }
  });
}

/** Where nothing can be trained a recorded run is shown, if it comes. */
async function replayInstead(
  device: DeviceState,
  hasWebGpu: boolean,
  openReplay: (() => TrainingClient) | undefined,
): Promise<void> {
  // Only few browsers need it.
  const replay = openReplay && (await import('./replay').catch(() => undefined));
  const recording = await replay?.openRecording();
  if (openReplay === undefined || replay === undefined || recording === undefined) {
    deviceStore.setState(device, true);
    return;
  }
  if (hasWebGpu) {
    client().close();
    setClient(openReplay());
    listen();
  }
  const reason = device.status === 'refused' ? device.message : undefined;
  deviceStore.setState({ status: 'replay', reason, recording }, true);
  await replay.setUpRecorded(recording);
}

/**
 * The scenario of the link or of an earlier visit, else the first one, with its own model or the link's.
 */
async function openFirst(before: string | undefined, linked: string | undefined): Promise<void> {
  const catalogue = await readCatalogue().catch((error: unknown) => {
    setupStore.setState(({ model }) => ({ model: { ...model, problem: messageOf(error) } }));
    return undefined;
  });
  if (catalogue === undefined) return;
  setupStore.setState({ catalogue });
  if (await takeUp()) return;
  const scenario = findScenario(before ?? FIRST_SCENARIO) ?? findScenario(FIRST_SCENARIO);
  const own = catalogue.models.find(({ name }) => name === scenario?.model);
  const wanted = catalogue.models.find(({ name }) => name === linked);
  if (linked !== undefined && wanted === undefined) missModel(linked);
  const model = wanted ?? own ?? catalogue.models[0];
  if (model === undefined) return;
  setupStore.setState({ modelByHand: wanted !== undefined && wanted !== own });
  await readModel(model.source);
  // Somebody may have chosen other data meanwhile; it is read next.
  if (setupStore.getState().data.reading === undefined)
    await readData(scenarioSource(scenario?.id ?? FIRST_SCENARIO));
}

/** After the worker died and another took its place: all that was under way goes on there. */
async function startAgain(message: string): Promise<void> {
  const before = deviceStore.getState();
  if (before.status === 'replay') {
    const { recoverReplay } = await import('./replay');
    await recoverReplay(before.recording, message);
    return;
  }
  const wasSweeping = isSweeping(sweepStore.getState());
  deviceStore.setState({ status: 'checking' }, true);
  await inTurn(async () => {
    deviceStore.setState(await openDevice(), true);
    if (deviceStore.getState().status === 'ready') await recover(message);
  });
  if (wasSweeping) await (await import('./sweepQueue')).continueSweep();
}

/** Where the worker dies over it, the one that took its place is asked once more. */
async function openDevice(): Promise<DeviceState> {
  const ask = () => client().call({ type: 'openDevice' });
  Object.assign(opening, { isUnderWay: true, hasFailed: false });
  try {
    const info = await ask().catch((error: unknown) => {
      if (!opening.hasFailed) throw error;
      return ask();
    });
    return { status: 'ready', info };
  } catch (error) {
    return { status: 'refused', message: messageOf(error) };
  } finally {
    opening.isUnderWay = false;
  }
}
