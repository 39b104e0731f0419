import { beforeEach, describe, expect, it, vi } from 'vitest';
import { setKnob, train } from '../../src/state/actions';
import { client, setClient } from '../../src/state/client';
import { deviceStore } from '../../src/state/device';
import { trainObstacle } from '../../src/state/obstacle';
import { chooseData, scenarioSource } from '../../src/state/reading';
import { takeRecorded } from '../../src/state/replay';
import { NO_RUN, runStore } from '../../src/state/run';
import { currentSettings, NOTHING_CHOSEN, setupStore } from '../../src/state/setup';
import { start } from '../../src/state/start';
import { loadSettings } from '../../src/storage/settings';
import type { DataInfo, ModelInfo, PlanInfo } from '../../src/worker/protocol';
import { createFakeClient, type FakeClient } from '../support/fakeClient';
import { stubPage } from '../support/fakePage';
import { readRecordingFile } from '../support/recording';

const recording = readRecordingFile();
const REASON = 'WebGPU: no adapter was found; update the driver.';

const READING: Parameters<typeof createFakeClient>[0] = {
  loadModel: ({ source }) => ({ name: source.name, config: { layers: 8 } }) as ModelInfo,
  loadData: ({ source }) => ({ name: source.name, prompt: recording.prompt }) as DataInfo,
  plan: () => ({ trainableParameters: 1 }) as PlanInfo,
};

let training: FakeClient;
let replaying: FakeClient;
let closed: boolean;
let address: { hash: string };

function open(recorded: unknown): void {
  address = stubPage([{ name: 'world-small', size: 20 }]);
  const others = fetch;
  vi.stubGlobal('fetch', (url: URL | string) =>
    String(url).includes('clerk') ? Promise.resolve(Response.json(recorded)) : others(url),
  );
  setupStore.setState(NOTHING_CHOSEN, true);
  runStore.setState(NO_RUN, true);
  deviceStore.setState({ status: 'checking' }, true);
  closed = false;
  training = {
    ...createFakeClient({
      openDevice: () => {
        throw new Error(REASON);
      },
    }),
    close: () => {
      closed = true;
    },
  };
  replaying = createFakeClient(READING);
  setClient(training);
}

const openReplay = () => replaying;

beforeEach(() => {
  open(recording);
});

describe('a page that cannot train', () => {
  it('gives the refused worker up, and is set up as the recorded run was', async () => {
    await start(true, openReplay);
    expect(deviceStore.getState()).toEqual({ status: 'replay', reason: REASON, recording });
    expect([closed, client()]).toEqual([true, replaying]);
    const { model, data } = setupStore.getState();
    expect([model.chosen?.info.name, data.chosen?.info.name]).toEqual(['world-small', recording.scenario]);
    expect(currentSettings().values).toEqual(recording.run);
    expect(trainObstacle()).toBeUndefined();
  });

  it('asks the worker that takes the place of one that died over the device, and replays where that dies too', async () => {
    const CRASH = 'The training worker stopped.';
    const dying = (times: number) => {
      let left = times;
      const client: FakeClient = createFakeClient({
        ...READING,
        openDevice: () => {
          if (left-- === 0) return { name: 'a GPU', fallback: false, maxBinding: 1 };
          client.crash(CRASH, true);
          throw new Error(CRASH);
        },
      });
      return client;
    };
    setClient(dying(1));
    await start(true, openReplay);
    expect(deviceStore.getState()).toMatchObject({ status: 'ready', info: { name: 'a GPU' } });
    setClient(dying(2));
    await start(true, openReplay);
    expect(deviceStore.getState()).toMatchObject({ status: 'replay', reason: CRASH });
    expect(replaying.sent).not.toContainEqual({ type: 'openDevice' });
  });

  it('without WebGPU has one worker alone from the start', async () => {
    setClient(replaying);
    await start(false, openReplay);
    expect(deviceStore.getState()).toEqual({ status: 'replay', reason: undefined, recording });
    await train();
    expect(replaying.sent.at(-1)).toMatchObject({ type: 'train', run: recording.run });
    replaying.emit({ type: 'running', runId: 1, step: 0 });
    expect(runStore.getState().status).toEqual({ phase: 'running', step: 0 });
  });

  it('replays neither other settings nor other data, and finds its way back', async () => {
    address.hash = '#r=4';
    await start(true, openReplay);
    expect(currentSettings().values.r).toBe(recording.run.r); // a link to what cannot be trained
    setKnob('r', 4);
    expect(trainObstacle()).toMatch(/^Only the recorded run can be replayed: clerk on world-small, 80 steps/);
    await takeRecorded(recording);
    expect(trainObstacle()).toBeUndefined();
    await chooseData(scenarioSource('recipes'));
    expect(trainObstacle()).toMatch(/^Only the recorded run/);
    await takeRecorded(recording);
    expect(trainObstacle()).toBeUndefined();
    expect(loadSettings()).toEqual({});
  });

  it('ends a replay whose worker was killed, and can begin it again', async () => {
    await start(true, openReplay);
    await train();
    replaying.crash('The training worker stopped.', true);
    await vi.waitFor(() => {
      expect(runStore.getState().status).toMatchObject({ phase: 'failed', resumable: undefined });
    });
    await vi.waitFor(() => {
      expect(trainObstacle()).toBeUndefined();
    });
    expect(deviceStore.getState().status).toBe('replay');
  });

  it('only says why where the recording is damaged', async () => {
    open({ ...recording, steps: {} });
    await start(true, openReplay);
    expect(deviceStore.getState()).toEqual({ status: 'refused', message: REASON });
    expect([closed, client()]).toEqual([false, training]);
    expect(trainObstacle()).toBe('There is no GPU to train on.');
  });
});
