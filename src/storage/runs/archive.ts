import { readSnapshot } from '../../engine/train/snapshot';
import { memorySource } from '../../engine/formats/byteSource';
import type { RunArchive } from '../../worker/archive';
import type { FileSource } from '../../worker/protocol';
import { change, keysOf, LINES, runsDatabase, sourceKeys } from './database';

/** Files of a source are kept where they take no more than this share of the room that is left. */
const MOST_OF_ROOM = 0.25;

/** The archive in this browser's IndexedDB, as the worker writes it. */
export function browserArchive(): RunArchive {
  return {
    create: (run) => change(['runs'], (transaction) => transaction.objectStore('runs').put(run)),
    keepSources: async (run, sources) => {
      if ((await (await runsDatabase()).getKey('runs', run.id)) === undefined) return;
      const keys = sourceKeys(run);
      await keepSource(keys.model, sources.model);
      await keepSource(keys.data, sources.data);
    },
    save: (id, { fields, log, moments, marks, snapshot }) =>
      change(['runs', 'log', 'moments', 'snapshots'], async (transaction) => {
        const runs = transaction.objectStore('runs');
        const run = await runs.get(id);
        if (run === undefined) return;
        const snapshotBytes = snapshot?.byteLength ?? run.snapshotBytes;
        await runs.put({ ...run, ...fields, marks: [...run.marks, ...marks], snapshotBytes });
        if (snapshot !== undefined) await transaction.objectStore('snapshots').put(snapshot, id);
        for (const moment of moments) {
          await transaction.objectStore('moments').put(moment, [id, moment.step, moment.kind]);
        }
        const pieces = transaction.objectStore('log');
        const first = Math.floor(log.from / LINES);
        const kept = (await pieces.get([id, first]))?.slice(0, log.from % LINES) ?? [];
        const lines = [...kept, ...log.lines];
        for (let at = 0; at < lines.length; at += LINES) {
          await pieces.put(lines.slice(at, at + LINES), [id, first + at / LINES]);
        }
      }),
    read: async (id) => {
      const transaction = (await runsDatabase()).transaction(['runs', 'log', 'moments', 'snapshots']);
      const [run, pieces, moments, bytes] = await Promise.all([
        transaction.objectStore('runs').get(id),
        transaction.objectStore('log').getAll(keysOf(id)),
        transaction.objectStore('moments').getAll(keysOf(id)),
        transaction.objectStore('snapshots').get(id),
      ]);
      if (run === undefined) return undefined;
      const snapshot = bytes && (await readSnapshot(memorySource(`The snapshot of ${run.name}`, bytes)));
      return { run, log: pieces.flat(), moments, snapshot };
    },
  };
}

/** Keeps a source with its files, or only what they were called where there is no room for them. */
async function keepSource(key: string, source: FileSource): Promise<void> {
  const put = (value: FileSource) =>
    change(['sources'], (transaction) => transaction.objectStore('sources').put(value, key));
  if (source.kind !== 'files') {
    await put(source);
    return;
  }
  const kept = await (await runsDatabase()).get('sources', key);
  if (kept?.kind === 'files' && kept.files.length > 0) return;
  const without = { ...source, files: [] };
  const bytes = source.files.reduce((sum, { size }) => sum + size, 0);
  const { usage = 0, quota = 0 } = await navigator.storage.estimate();
  if (bytes > MOST_OF_ROOM * (quota - usage)) await put(without);
  else await put(source).catch(() => put(without));
}
