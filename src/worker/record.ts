import type { RunArchive } from './archive';
import type { Command } from './protocol';
import type { RunMaterials } from './runParts';
import type { StoredRun } from './storedRun';
import type { Workbench } from './workbench';

type Keep = NonNullable<Extract<Command, { type: 'train' }>['keep']>;

/**
 * What puts a new run into the archive, made from what lies on the workbench now. Where it fails it can be called again:
 * what is written by then, and may have been renamed or deleted since, is not written anew.
 */
export function recordOf(
  bench: Workbench,
  { run: settings, prompt, scenario }: RunMaterials,
  keep: Keep,
  archive: RunArchive,
): () => Promise<void> {
  const sources = { model: bench.model.source, data: bench.data.source };
  const createdAt = Date.now();
  const materials = bench.materials();
  materials.catch(() => undefined); // heard where the record is made
  let isCreated = false;
  return async () => {
    const { model, data } = await materials;
    const { name, fingerprint } = model;
    const record: StoredRun = {
      ...keep,
      ...{ note: '', pinned: false, deleted: false, createdAt, status: 'running' },
      ...{ settings, scenario: scenario?.id, prompt, model: { name, fingerprint }, data },
      ...{ steps: 0, lastLoss: undefined, finalValidation: undefined, marks: [], snapshotBytes: 0 },
    };
    if (!isCreated) await archive.create(record);
    isCreated = true;
    await archive.keepSources(record, sources);
  };
}
