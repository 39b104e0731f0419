import { UserError } from '../../config/errors';
import type { Adapter, AdapterBase } from '../adapters/adapter';
import type { ByteSource, FileSet } from '../formats/byteSource';
import { recognise } from '../formats/recognise';
import { openSafetensors } from '../formats/safetensors';
import { requireSameBase } from './adapterBase';
import { isNativeAdapter, readNativeAdapter } from './nativeAdapter';
import { importPeft } from './peftImport';

/**
 * Opens an adapter for a base model: a folder or file in the native format, or a PEFT LoRA folder. `beside` is
 * the folder of a single file. Throws UserError for anything else and for the adapter of another base.
 */
export async function openAdapter(
  source: ByteSource | FileSet,
  base: AdapterBase,
  beside?: FileSet,
): Promise<Adapter> {
  const found = await recognise(source, beside);
  if (found.kind === 'peft-adapter') return await importPeft(found.files, base);
  const native =
    found.kind === 'native-adapter' ||
    (found.kind === 'safetensors' && isNativeAdapter((await openSafetensors(found.file)).metadata));
  if (!native) {
    throw new UserError(
      source.name,
      'there is no adapter here',
      'choose a folder that a training run or an export of this program wrote, or a PEFT LoRA folder',
    );
  }
  const adapter = await readNativeAdapter(found.file);
  requireSameBase(source.name, adapter, base);
  return adapter;
}
