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
  /** A newer version that was fetched and waits, or that has taken over from this page's own. */
  readonly newer: ServiceWorker | undefined;
  /** How many other tabs kept it from taking over when that was asked for last. */
  readonly otherTabs: number;
  /** Set where the browser would install the page as an app. */
  readonly install: InstallPrompt | undefined;
}

/** How long a service worker may take to start and answer. In milliseconds. */
const PATIENCE = 5000;

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
      registration.installing?.addEventListener('statechange', () => void look());
    });
    container.addEventListener('controllerchange', () => void look());
    await look();
  } catch {
    // The page works as before, with a server.
  }
}

/**
 * Finds out, once a version is kept, whether it is this page's own: while the page was read the server may have got
 * another, and a newer version may take over from a tab that it did not see.
 */
async function look(): Promise<void> {
  const registration = await navigator.serviceWorker.ready;
  const { active } = registration;
  const entry = document.querySelector<HTMLScriptElement>('script[src^="./"]')?.src ?? '';
  const isOwn = active === null ? undefined : await ask<boolean>(active, entry);
  const overtaken = isOwn === false ? active : null;
  offlineStore.setState(({ ready }) => ({
    ready: isOwn ?? ready,
    newer: registration.waiting ?? overtaken ?? undefined,
  }));
}

/** What the version answers, or undefined where it is silent: one that yet another has replaced never answers. */
function ask<Answer>(version: ServiceWorker, entry?: string): Promise<Answer | undefined> {
  const { port1, port2 } = new MessageChannel();
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, PATIENCE, undefined);
    port1.onmessage = ({ data }: MessageEvent<Answer>) => {
      clearTimeout(timer);
      resolve(data);
    };
    version.postMessage(entry, [port2]);
  });
}

/** Resolves when the page can be worked with, or says why it cannot be. */
function usable(): Promise<void> {
  const isUsable = () => {
    const { status } = deviceStore.getState();
    const { model, data } = setupStore.getState();
    const isRead = model.chosen !== undefined && data.chosen !== undefined;
    return status === 'missing' || status === 'refused' || isRead;
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
  const container = navigator.serviceWorker;
  const { active } = await container.ready;
  if (newer === active) {
    location.reload();
    return;
  }
  container.oncontrollerchange = () => {
    location.reload();
  };
  const otherTabs = await ask<number>(newer);
  if (otherTabs !== 0) container.oncontrollerchange = null;
  if (otherTabs === undefined) await look();
  offlineStore.setState({ otherTabs: otherTabs ?? 0 });
}

/** Has the browser ask whether to install the page. */
export async function install(): Promise<void> {
  await offlineStore.getState().install?.prompt();
  offlineStore.setState({ install: undefined }); // it can ask once
}
