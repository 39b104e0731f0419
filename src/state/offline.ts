import { createStore } from 'zustand/vanilla';
import { deviceStore } from './device';
import { setupStore } from './setup';

/** What the browser offers of itself where the page can be installed; not in TypeScript's library. */
interface InstallPrompt extends Event {
  prompt(): Promise<unknown>;
}

export interface OfflineState {
  /** Whether this browser keeps everything that the page needs. */
  readonly ready: boolean;
  /** A newer version that was fetched and waits. */
  readonly newer: ServiceWorker | undefined;
  /** How many other tabs kept it from taking over when that was asked for last. */
  readonly otherTabs: number;
  /** Set where the browser would install the page as an app. */
  readonly install: InstallPrompt | undefined;
}

export const offlineStore = createStore<OfflineState>(() => ({
  ...{ ready: false, newer: undefined },
  ...{ otherTabs: 0, install: undefined },
}));

/**
 * Makes the built page work offline, once its first model and data are there: whoever waits for them comes first. Without
 * service workers (insecure pages, some private windows) it stays as it is.
 */
export async function workOffline(): Promise<void> {
  addEventListener('beforeinstallprompt', (event) => {
    event.preventDefault(); // no banner: it is a command of the palette
    offlineStore.setState({ install: event as InstallPrompt });
  });
  addEventListener('appinstalled', () => {
    offlineStore.setState({ install: undefined });
  });
  if (!import.meta.env.PROD || !('serviceWorker' in navigator)) return;
  await usable();
  try {
    const container = navigator.serviceWorker;
    const registration = await container.register('./serviceWorker.js', { updateViaCache: 'none' });
    registration.addEventListener('updatefound', () => {
      registration.installing?.addEventListener('statechange', () => {
        lookForNewer(registration);
      });
    });
    lookForNewer(registration);
    await container.ready;
    offlineStore.setState({ ready: true });
  } catch {
    // The page works as before, with a server.
  }
}

function lookForNewer({ active, waiting }: ServiceWorkerRegistration): void {
  offlineStore.setState({ newer: active === null ? undefined : (waiting ?? undefined) });
}

/** Resolves when the page can be worked with, or says why it cannot be. */
function usable(): Promise<void> {
  const isUsable = () => {
    const { status } = deviceStore.getState();
    const { model, data } = setupStore.getState();
    const isRead = model.chosen !== undefined && data.chosen !== undefined;
    return (status !== 'checking' && status !== 'ready') || isRead;
  };
  return new Promise((resolve) => {
    const look = () => {
      if (!isUsable()) return;
      for (const stop of stops) stop();
      resolve();
    };
    const stops = [deviceStore.subscribe(look), setupStore.subscribe(look)];
    look();
  });
}

/** Loads the page anew in its newer version; where other tabs show this one, says so instead. */
export async function takeNewer(): Promise<void> {
  const { newer } = offlineStore.getState();
  if (newer === undefined) return;
  navigator.serviceWorker.oncontrollerchange = () => {
    location.reload();
  };
  const { port1, port2 } = new MessageChannel();
  const otherTabs = await new Promise<number>((resolve) => {
    port1.onmessage = ({ data }: MessageEvent<number>) => {
      resolve(data);
    };
    newer.postMessage(undefined, [port2]);
  });
  if (otherTabs > 0) navigator.serviceWorker.oncontrollerchange = null;
  offlineStore.setState({ otherTabs });
}

/** Has the browser ask whether to install the page. */
export async function install(): Promise<void> {
  await offlineStore.getState().install?.prompt();
  offlineStore.setState({ install: undefined }); // it can ask once
}
