import { openDB, type DBSchema, type IDBPDatabase, type IDBPTransaction, type StoreNames } from 'idb';
import type { LogLine } from '../../worker/runLog';
import type { Moment, StoredRun } from '../../worker/storedRun';
import type { FileSource } from '../../worker/protocol';

/**
 * The runs that the browser keeps, in IndexedDB. Page and worker both write; each change is one transaction, so that
 * neither sees half of what the other wrote, and a crash leaves the state of before.
 */
export interface RunsSchema extends DBSchema {
  runs: { key: string; value: StoredRun };
  /** The log in pieces of LINES lines, the last one shorter; key [run, piece]. */
  log: { key: [string, number]; value: readonly LogLine[] };
  /** Key [run, step, kind]. */
  moments: { key: [string, number, string]; value: Moment };
  /** The latest snapshot of a run, as its safetensors file. */
  snapshots: { key: string; value: Uint8Array<ArrayBuffer> };
  /** Models by their fingerprint and data by its hash (see sourceKeys). */
  sources: { key: string; value: FileSource };
}

/** Lines to a piece of the log: few enough to write the last piece again every few seconds. */
export const LINES = 512;

const NAME = 'masa runs';
const VERSION = 1;

let opened: Promise<IDBPDatabase<RunsSchema>> | undefined;

/** The database, opened once; a browser that refuses it (some private windows do) is asked again next time. */
export function runsDatabase(): Promise<IDBPDatabase<RunsSchema>> {
  opened ??= open().catch((error: unknown) => {
    opened = undefined;
    throw error;
  });
  return opened;
}

function open(): Promise<IDBPDatabase<RunsSchema>> {
  return openDB<RunsSchema>(NAME, VERSION, {
    upgrade: (database) => {
      database.createObjectStore('runs', { keyPath: 'id' });
      for (const store of ['log', 'moments', 'snapshots', 'sources'] as const) {
        database.createObjectStore(store);
      }
    },
    // A newer version of the page, in another tab, must not wait for this one.
    blocking: (_current, _blocked, event) => {
      (event.target as IDBDatabase).close();
      opened = undefined;
    },
    terminated: () => {
      opened = undefined;
    },
  });
}

/**
 * Does work in one transaction, which is written whole or not at all.
 *
 * @throws a DOMException `QuotaExceededError` where there is no room, the state of before being kept
 */
export async function change<Names extends StoreNames<RunsSchema>[]>(
  stores: Names,
  work: (transaction: IDBPTransaction<RunsSchema, Names, 'readwrite'>) => Promise<unknown>,
): Promise<void> {
  const transaction = (await runsDatabase()).transaction(stores, 'readwrite');
  try {
    await Promise.all([work(transaction), transaction.done]);
  } catch (error) {
    await transaction.done.catch(() => undefined);
    // What ended the transaction says more than the request that it took along.
    throw transaction.error ?? error;
  }
}

/** Keys of everything that belongs to a run in a store whose keys begin with its id. */
export function keysOf(id: string): IDBKeyRange {
  return IDBKeyRange.bound([id], [id, []]); // an array sorts behind every number and string
}

/** Under what the sources of a run are kept, so that runs on the same files share them. */
export function sourceKeys({ model, data }: Pick<StoredRun, 'model' | 'data'>) {
  return {
    model: `model ${model.fingerprint} ${model.name}`,
    data: `data ${data.sha256} ${data.columns ?? ''}`,
  };
}
