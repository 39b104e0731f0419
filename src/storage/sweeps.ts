import type { JobOutcome, JobStore } from '../compare/queue';
import { isJsonObject } from '../engine/formats/jsonFile';

/** Where the page keeps comparisons, so that a reload loses no run. */
export interface SweepMemory {
  /** Outcomes of jobs. */
  store<Result extends object>(): JobStore<Result>;
  /** What `keep` was given last, in this or an earlier visit. */
  kept(): Promise<unknown>;
  keep(value: object): Promise<void>;
  /** Does work that only one page at a time may do; false where another one is at it. */
  alone(work: () => Promise<void>): Promise<boolean>;
}

/** Folder in the origin's private file system. */
const FOLDER = 'sweeps';
const CURRENT = 'current.json';
const LOCK = 'masa sweep';

/** Files in the origin's private file system; a browser that refuses it (private windows do) forgets on reload. */
export function browserSweeps(): SweepMemory {
  const unsaved = new Map<string, string>();
  const read = async (name: string): Promise<unknown> => {
    const text = unsaved.get(name) ?? (await readText(name));
    try {
      return text === undefined ? undefined : JSON.parse(text);
    } catch {
      return undefined; // cut short by a crash: as if it were not there
    }
  };
  const write = async (name: string, value: object): Promise<void> => {
    const text = JSON.stringify(value);
    try {
      const handle = await (await folder()).getFileHandle(name, { create: true });
      const file = await handle.createWritable();
      await file.write(text);
      await file.close();
      unsaved.delete(name);
    } catch {
      unsaved.set(name, text);
    }
  };
  return {
    store: <Result extends object>() => ({
      read: async (id: string) => {
        const value = await read(`${id}.json`);
        return isOutcome<Result>(value) ? value : undefined;
      },
      write: (id: string, outcome: JobOutcome<Result>) => write(`${id}.json`, outcome),
    }),
    kept: () => read(CURRENT),
    keep: (value) => write(CURRENT, value),
    alone: (work) =>
      navigator.locks.request(LOCK, { ifAvailable: true }, async (lock) => {
        if (lock !== null) await work();
        return lock !== null;
      }),
  };
}

async function folder(): Promise<FileSystemDirectoryHandle> {
  return await (await navigator.storage.getDirectory()).getDirectoryHandle(FOLDER, { create: true });
}

async function readText(name: string): Promise<string | undefined> {
  try {
    return await (await (await (await folder()).getFileHandle(name)).getFile()).text();
  } catch {
    return undefined; // no such file, or no file system
  }
}

/** Only this program writes such files, whole or not at all; what is in them is trusted. */
function isOutcome<Result>(value: unknown): value is JobOutcome<Result> {
  if (!isJsonObject(value)) return false;
  if (value['status'] === 'failed') return typeof value['sentence'] === 'string';
  return value['status'] === 'finished' && isJsonObject(value['result']);
}
