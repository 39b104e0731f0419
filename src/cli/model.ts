import { UserError } from '../config/errors';
import { loadBaseModel, type BaseModel, type Checkpoint, type GpuDevice } from '../engine';
import type { Tokenizer } from '../engine/data/tokenizer';
import { readLlamaConfig } from '../engine/formats/hfConfig';
import { readJsonObject } from '../engine/formats/jsonFile';
import { openCheckpoint } from '../engine/formats/openCheckpoint';
import { isFileSet } from '../engine/formats/recognise';
import { openBeside, openPath } from './files';
import type { Flags } from './flags';
import type { Io } from './io';
import { Progress } from './progress';

/** Opens the checkpoint of `--model`, or else the one in `fallback`: headers and tokenizer only. */
export async function openModel(flags: Flags, fallback?: string): Promise<Checkpoint> {
  const path = flags.optional('model') ?? fallback ?? flags.required('model');
  const source = await openPath(path);
  return await openCheckpoint(source, isFileSet(source) ? undefined : await openBeside(path));
}

/**
 * The shape of the model of `--model`. Of a Hugging Face folder only config.json is read, so the folder may lack the
 * weights.
 */
export async function openModelConfig(flags: Flags): Promise<Pick<Checkpoint, 'name' | 'config'>> {
  const path = flags.required('model');
  const source = await openPath(path);
  const folder = isFileSet(source) ? source : await openBeside(path);
  const file = folder.files.get('config.json');
  const isHf = isFileSet(source) || source.name === 'config.json';
  if (file === undefined || !isHf) return await openModel(flags);
  return { name: folder.name, config: readLlamaConfig(file.name, await readJsonObject(file)) };
}

/** The tokenizer of a checkpoint, for commands that read or write text. */
export function requireTokenizer(checkpoint: Checkpoint): Tokenizer {
  if (checkpoint.tokenizer !== undefined) return checkpoint.tokenizer;
  throw new UserError(
    checkpoint.name,
    'it has no tokenizer',
    'put its tokenizer.json into the folder (for a llama2.c model: tokenizer.bin beside it)',
  );
}

/** Puts a checkpoint's weights on the GPU, saying how far it is. Ctrl-C stops it. */
export async function loadModel(io: Io, gpu: GpuDevice, checkpoint: Checkpoint): Promise<BaseModel> {
  const progress = new Progress(io);
  try {
    return await loadBaseModel(
      gpu,
      checkpoint,
      (done, total) => {
        const share = Math.floor((100 * done) / total);
        progress.show(`Loading ${checkpoint.name}: ${share} %`, false);
      },
      io.interrupted,
    );
  } finally {
    progress.clear();
  }
}
