import { UserError } from '../../config/errors';
import type { ByteSource, FileSet } from './byteSource';
import { isGguf } from './gguf';
import { isLlama2c, isLlama2cTokenizerName } from './llama2c';
import { refuseLfsPointer } from './lfsPointer';

/** Name of the weights in a folder with a native adapter. */
export const NATIVE_ADAPTER_FILE = 'adapter_native.safetensors';

/** What a path holds, and the part of it that the reader of that kind needs. */
export type Recognised =
  | { readonly kind: 'hf-checkpoint' | 'peft-adapter'; readonly files: FileSet }
  | { readonly kind: 'native-adapter' | 'safetensors' | 'gguf'; readonly file: ByteSource }
  | { readonly kind: 'llama2c-checkpoint'; readonly file: ByteSource; readonly beside: FileSet | undefined }
  | { readonly kind: 'unknown' };

export function isFileSet(source: ByteSource | FileSet): source is FileSet {
  return 'files' in source;
}

/**
 * Says what a file or folder is, by the names in it and the first bytes of files, without judging whether it
 * is sound. `beside`: the folder of a single file, where its companions lie. Throws UserError for a git-LFS
 * pointer and for a folder with several llama2.c checkpoints.
 */
export async function recognise(source: ByteSource | FileSet, beside?: FileSet): Promise<Recognised> {
  return isFileSet(source) ? await recogniseFolder(source) : await recogniseFile(source, beside);
}

async function recogniseFolder(folder: FileSet): Promise<Recognised> {
  const { files } = folder;
  const native = files.get(NATIVE_ADAPTER_FILE);
  if (native !== undefined) return { kind: 'native-adapter', file: native };
  if (files.has('adapter_config.json')) return { kind: 'peft-adapter', files: folder };
  if (files.has('config.json')) return { kind: 'hf-checkpoint', files: folder };
  const binaries = [...files.values()].filter(
    ({ name }) => name.endsWith('.bin') && !isLlama2cTokenizerName(name),
  );
  const models: ByteSource[] = [];
  for (const binary of binaries) if (await isLlama2c(binary)) models.push(binary);
  if (models.length > 1) {
    const names = models.map(({ name }) => name).join(', ');
    throw new UserError(folder.name, `it holds several checkpoints (${names})`, 'choose one of these files');
  }
  // A single .bin that does not fit its header is most likely cut short: its reader will say so.
  const model = models[0] ?? (binaries.length === 1 ? binaries[0] : undefined);
  if (model !== undefined) return { kind: 'llama2c-checkpoint', file: model, beside: folder };
  const others = [...files.values()].filter(({ name }) => /\.(gguf|safetensors)$/.test(name));
  const only = others.length === 1 ? others[0] : undefined;
  return only === undefined ? { kind: 'unknown' } : await recogniseFile(only, folder);
}

async function recogniseFile(file: ByteSource, beside: FileSet | undefined): Promise<Recognised> {
  await refuseLfsPointer(file);
  const { name } = file;
  if (beside?.files.has('adapter_config.json') === true && /^adapter_(config|model)\./.test(name)) {
    return { kind: 'peft-adapter', files: beside };
  }
  const partOfFolder = /^(config\.json|model.*\.safetensors|model\.safetensors\.index\.json)$/.test(name);
  if (beside?.files.has('config.json') === true && partOfFolder) {
    return { kind: 'hf-checkpoint', files: beside };
  }
  if (name === NATIVE_ADAPTER_FILE) return { kind: 'native-adapter', file };
  if (await isGguf(file)) return { kind: 'gguf', file };
  if (name.endsWith('.safetensors')) return { kind: 'safetensors', file };
  const isModel = await isLlama2c(file);
  if (isModel || (name.endsWith('.bin') && !isLlama2cTokenizerName(name))) {
    return { kind: 'llama2c-checkpoint', file, beside };
  }
  return { kind: 'unknown' };
}
