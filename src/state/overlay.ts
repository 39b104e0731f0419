import { createStore } from 'zustand/vanilla';
import type { MetricsLog } from './metrics';
import { messageOf } from './messageOf';
import { runStore } from './run';
import { loadCurves, runsStore } from './runs';

/** The kept runs whose curves lie over those of the run on the page. */
export interface OverlayState {
  readonly logs: ReadonlyMap<string, MetricsLog>;
  /** Which look each has, from 1 on; it stays the same for as long as the run is shown. */
  readonly slots: ReadonlyMap<string, number>;
  /** Why the curves of a run could not be read. */
  readonly problem: string | undefined;
}

export const overlayStore = createStore<OverlayState>(() => ({
  logs: new Map(),
  slots: new Map(),
  problem: undefined,
}));

/** Reads the curves of whatever runs are chosen to be shown, from now on. Returns how to stop. */
export function followShown(): () => void {
  follow();
  const ends = [
    runsStore.subscribe(({ shown }, before) => {
      if (shown !== before.shown) follow();
    }),
    runStore.subscribe(({ id }, before) => {
      if (id !== before.id) follow();
    }),
  ];
  return () => {
    for (const end of ends) end();
  };
}

/** The runs that are to lie over the one on the page, which has its own curves there. */
function overlaid(): readonly string[] {
  const onPage = runStore.getState().id;
  return runsStore.getState().shown.filter((id) => id !== onPage);
}

function follow(): void {
  const { shown } = runsStore.getState();
  const { logs, slots } = overlayStore.getState();
  const wanted = overlaid();
  const kept = <T>(map: ReadonlyMap<string, T>, ids: readonly string[]) =>
    new Map([...map].filter(([id]) => ids.includes(id)));
  const nextSlots = kept(slots, shown);
  for (const id of shown) {
    if (!nextSlots.has(id)) nextSlots.set(id, freeSlot(nextSlots));
  }
  overlayStore.setState({ logs: kept(logs, wanted), slots: nextSlots });
  for (const id of wanted) {
    if (!logs.has(id)) void read(id);
  }
}

function freeSlot(slots: ReadonlyMap<string, number>): number {
  const taken = new Set(slots.values());
  let slot = 1;
  while (taken.has(slot)) slot += 1;
  return slot;
}

async function read(id: string): Promise<void> {
  try {
    const log = await loadCurves(id);
    // It may have been hidden meanwhile, or be on the page now.
    if (!overlaid().includes(id)) return;
    overlayStore.setState(({ logs }) => ({ logs: new Map([...logs, [id, log]]), problem: undefined }));
  } catch (error) {
    overlayStore.setState({ problem: messageOf(error) });
  }
}
