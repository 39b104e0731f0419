import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { deviceStore } from '../../src/state/device';
import { offlineStore, takeNewer, workOffline } from '../../src/state/offline';
import { setupStore } from '../../src/state/setup';

type Answer = boolean | number | undefined;

/** A version of the page, which answers whoever asks. */
function version(answer: Answer): ServiceWorker {
  const postMessage = (_: unknown, [port]: [MessagePort]) => {
    if (answer !== undefined) port.postMessage(answer);
  };
  return { postMessage } as unknown as ServiceWorker;
}

const reload = vi.fn();
const register = vi.fn();
let overtake: () => void;
let registration: { active: ServiceWorker; waiting: ServiceWorker | null; addEventListener: () => void };
let container: { oncontrollerchange: unknown };

beforeEach(() => {
  vi.stubEnv('PROD', true);
  registration = { active: version(true), waiting: null, addEventListener: vi.fn() };
  container = Object.assign(
    { oncontrollerchange: null },
    {
      get ready() {
        return Promise.resolve(registration);
      },
      register: register.mockImplementation(() => Promise.resolve(registration)),
      addEventListener: (_: string, listen: () => void) => {
        overtake = listen;
      },
    },
  );
  vi.stubGlobal('navigator', { serviceWorker: container });
  vi.stubGlobal('document', { querySelector: () => ({ src: 'http://localhost/assets/index.js' }) });
  vi.stubGlobal('location', { reload });
  vi.stubGlobal('addEventListener', vi.fn());
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
  vi.unstubAllEnvs();
  vi.clearAllMocks();
  offlineStore.setState(offlineStore.getInitialState(), true);
  setupStore.setState(setupStore.getInitialState(), true);
  deviceStore.setState(deviceStore.getInitialState(), true);
});

it('keeps the page for offline use when a replay, too, has its model and data', async () => {
  deviceStore.setState({ status: 'replay' } as never);
  const done = workOffline();
  expect(register).not.toHaveBeenCalled();
  setupStore.setState({ model: { chosen: {} }, data: { chosen: {} } } as never);
  await done;
  expect(register).toHaveBeenCalledOnce();
  expect(offlineStore.getState()).toMatchObject({ ready: true, newer: undefined });
});

it('tells a tab that another version has overtaken, and loads it when that is asked for', async () => {
  deviceStore.setState({ status: 'missing' });
  await workOffline();
  expect(offlineStore.getState().ready).toBe(true);
  registration.active = version(false);
  overtake();
  await vi.waitFor(() => {
    expect(offlineStore.getState()).toMatchObject({ ready: false, newer: registration.active });
  });
  expect(reload).not.toHaveBeenCalled();
  await takeNewer();
  expect(reload).toHaveBeenCalledOnce();
});

it('looks again where the newer version is silent', async () => {
  vi.useFakeTimers();
  offlineStore.setState({ newer: version(undefined) });
  registration.waiting = version(0);
  const done = takeNewer();
  await vi.advanceTimersByTimeAsync(60_000);
  await done;
  expect(offlineStore.getState().newer).toBe(registration.waiting);
  expect(container.oncontrollerchange).toBeNull();
  await takeNewer();
  expect(container.oncontrollerchange).not.toBeNull();
});
