import type { RunHistory, RunLabels, RunSources, StoredRun } from '../../worker/storedRun';
import { change, keysOf, LINES, runsDatabase, sourceKeys } from './database';

/** The kept runs as the page works with them; what a run writes itself goes through archive.ts. */
export interface RunLibrary {
  /** Newest first, those that were deleted left out. */
  list(): Promise<readonly StoredRun[]>;
  find(id: string): Promise<StoredRun | undefined>;
  history(id: string): Promise<RunHistory>;
  /** Where its model and data can be read again; a source without its files where there was no room for them. */
  sources(id: string): Promise<Partial<RunSources>>;
  /** The safetensors file of the latest snapshot. */
  snapshot(id: string): Promise<Uint8Array<ArrayBuffer> | undefined>;
  label(id: string, labels: Partial<RunLabels>): Promise<void>;
  /** Takes a run out of the list; `restore` brings it back until `purge`. */
  remove(id: string): Promise<void>;
  restore(id: string): Promise<void>;
  /** Deletes a run for good, which needs no room. */
  erase(id: string): Promise<void>;
  /** Gives back the room of what was removed. */
  purge(): Promise<void>;
  /** Deletes the snapshots of these runs; their curves stay. */
  dropSnapshots(ids: readonly string[]): Promise<void>;
  /** Takes in a run from a file. */
  insert(run: StoredRun, history: RunHistory, snapshot: Uint8Array<ArrayBuffer> | undefined): Promise<void>;
  /** What is used and what there is, in bytes. */
  quota(): Promise<{ readonly used: number; readonly total: number } | undefined>;
  /**
   * Takes a run for this page until what it returns is called or the page is gone; undefined where another page has
   * it.
   */
  claim(id: string): Promise<(() => void) | undefined>;
}

const LOCK = 'masa run ';
/** A page that is being left lets go of its run only when it is gone. */
const PATIENCE = 1500; // milliseconds

/** The runs in this browser's IndexedDB. */
export function browserLibrary(): RunLibrary {
  const alter = (id: string, part: Partial<StoredRun>) =>
    change(['runs'], async (transaction) => {
      const run = await transaction.objectStore('runs').get(id);
      if (run !== undefined) await transaction.objectStore('runs').put({ ...run, ...part });
    });
  return {
    list: async () => {
      const transaction = (await runsDatabase()).transaction(['runs', 'snapshots']);
      const [runs, ids] = await Promise.all([
        transaction.objectStore('runs').getAll(),
        transaction.objectStore('snapshots').getAllKeys(),
      ]);
      const kept = new Set(ids);
      return runs
        .map((run) => withSnapshot(run, kept.has(run.id)))
        .filter((run) => !run.deleted)
        .sort((a, b) => b.createdAt - a.createdAt);
    },
    find: async (id) => {
      const transaction = (await runsDatabase()).transaction(['runs', 'snapshots']);
      const [run, snapshot] = await Promise.all([
        transaction.objectStore('runs').get(id),
        transaction.objectStore('snapshots').getKey(id),
      ]);
      return run && withSnapshot(run, snapshot !== undefined);
    },
    history: async (id) => {
      const transaction = (await runsDatabase()).transaction(['log', 'moments']);
      const [pieces, moments] = await Promise.all([
        transaction.objectStore('log').getAll(keysOf(id)),
        transaction.objectStore('moments').getAll(keysOf(id)),
      ]);
      return { log: pieces.flat(), moments };
    },
    sources: async (id) => {
      const database = await runsDatabase();
      const run = await database.get('runs', id);
      if (run === undefined) return {};
      const keys = sourceKeys(run);
      const [model, data] = await Promise.all([
        database.get('sources', keys.model),
        database.get('sources', keys.data),
      ]);
      return { ...(model && { model }), ...(data && { data }) };
    },
    snapshot: async (id) => (await runsDatabase()).get('snapshots', id),
    label: alter,
    remove: (id) => alter(id, { deleted: true }),
    restore: (id) => alter(id, { deleted: false }),
    erase: (id) => erase((run) => run.id === id),
    purge: () => erase(({ deleted }) => deleted),
    // Nothing is written, for which there may be no room.
    dropSnapshots: (ids) =>
      change(['snapshots'], (transaction) =>
        Promise.all(ids.map((id) => transaction.objectStore('snapshots').delete(id))),
      ),
    insert: (run, { log, moments }, snapshot) =>
      change(['runs', 'log', 'moments', 'snapshots'], async (transaction) => {
        await transaction.objectStore('runs').put(run);
        for (let at = 0; at < log.length; at += LINES) {
          await transaction.objectStore('log').put(log.slice(at, at + LINES), [run.id, at / LINES]);
        }
        for (const moment of moments) {
          await transaction.objectStore('moments').put(moment, [run.id, moment.step, moment.kind]);
        }
        if (snapshot !== undefined) await transaction.objectStore('snapshots').put(snapshot, run.id);
      }),
    quota: async () => {
      const { usage, quota } = await navigator.storage.estimate();
      return usage === undefined || quota === undefined ? undefined : { used: usage, total: quota };
    },
    claim: async (id) => {
      const patience = AbortSignal.timeout(PATIENCE);
      return await new Promise<(() => void) | undefined>((resolve, reject) => {
        const held = () =>
          new Promise<void>((release) => {
            resolve(release);
          });
        navigator.locks.request(LOCK + id, { signal: patience }, held).catch((error: unknown) => {
          if (patience.aborted) resolve(undefined);
          else reject(error instanceof Error ? error : new Error(String(error)));
        });
      });
    },
  };
}

/** A run as it was written; whether its snapshot is still there, the store of the snapshots knows. */
function withSnapshot(run: StoredRun, isThere: boolean): StoredRun {
  return isThere ? run : { ...run, snapshotBytes: 0 };
}

/** Deletes runs, and the sources that no other run needs. */
function erase(isGone: (run: StoredRun) => boolean): Promise<void> {
  return change(['runs', 'log', 'moments', 'snapshots', 'sources'], async (transaction) => {
    const runs = await transaction.objectStore('runs').getAll();
    for (const { id } of runs.filter(isGone)) {
      await transaction.objectStore('runs').delete(id);
      await transaction.objectStore('log').delete(keysOf(id));
      await transaction.objectStore('moments').delete(keysOf(id));
      await transaction.objectStore('snapshots').delete(id);
    }
    const needed = new Set(
      runs.filter((run) => !isGone(run)).flatMap((run) => Object.values(sourceKeys(run))),
    );
    for (const key of await transaction.objectStore('sources').getAllKeys()) {
      if (!needed.has(key)) await transaction.objectStore('sources').delete(key);
    }
  });
}
