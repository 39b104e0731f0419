import { openAdapter } from '../engine/export/openAdapter';
import { adapterBase } from '../engine/export/adapterBase';
import {
  attachAdapter,
  type Adapter,
  type AttachedAdapter,
  type BaseModel,
  type Checkpoint,
} from '../engine';
import { isFileSet } from '../engine/formats/recognise';
import { openBeside, openPath } from './files';
import type { Flags } from './flags';

/** Reads the adapter of `--adapter`, if there is one, and makes sure that it belongs to the checkpoint. */
export async function adapterOf(flags: Flags, checkpoint: Checkpoint): Promise<Adapter | undefined> {
  const path = flags.optional('adapter');
  if (path === undefined) return undefined;
  const source = await openPath(path);
  const beside = isFileSet(source) ? undefined : await openBeside(path);
  return await openAdapter(source, await adapterBase(checkpoint), beside);
}

/** Runs `body` with an adapter on the GPU, or with none. */
export async function withAdapter<T>(
  base: BaseModel,
  adapter: Adapter | undefined,
  body: (attached: AttachedAdapter | undefined) => Promise<T>,
): Promise<T> {
  if (adapter === undefined) return await body(undefined);
  const attached = await attachAdapter(base.gpu, base.config, adapter.config, adapter.values);
  try {
    return await body(attached);
  } finally {
    attached.destroy();
  }
}
