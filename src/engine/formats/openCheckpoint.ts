import { UserError } from '../../config/errors';
import type { Checkpoint } from '../model/checkpoint';
import type { ByteSource, FileSet } from './byteSource';
import { openHfCheckpoint } from './hfCheckpoint';
import { openLlama2c } from './llama2c';
import { recognise } from './recognise';

const WANTED = 'choose the folder of a Hugging Face LLaMA checkpoint, or a llama2.c .bin file';

/**
 * Opens a base model: a Hugging Face folder (or a file of one), or a llama2.c `.bin`. `beside` is the folder of
 * a single file. Only headers and the tokenizer are read. Throws UserError for anything else.
 */
export async function openCheckpoint(source: ByteSource | FileSet, beside?: FileSet): Promise<Checkpoint> {
  const found = await recognise(source, beside);
  switch (found.kind) {
    case 'hf-checkpoint':
      return await openHfCheckpoint(found.files);
    case 'llama2c-checkpoint':
      return await openLlama2c(found.file, found.beside);
    case 'gguf':
      throw new UserError(source.name, 'GGUF checkpoints cannot be used yet', WANTED);
    case 'native-adapter':
    case 'peft-adapter':
      throw new UserError(source.name, 'this is an adapter, not a base model', WANTED);
    case 'safetensors':
      throw new UserError(
        source.name,
        'weights without a config.json beside them cannot be used',
        'choose the whole folder of the checkpoint',
      );
    case 'unknown':
      throw new UserError(source.name, 'there is no checkpoint here', WANTED);
  }
}
