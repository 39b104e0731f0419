import { UserError } from '../../config/errors';
import type { Checkpoint, WeightTensor } from '../model/checkpoint';
import { WEIGHT_BYTES, type WeightDtype } from '../ops/weight';
import type { LlamaConfig } from '../model/llamaConfig';
import { tensorShapes } from '../model/tensorShapes';
import type { ByteSource, FileSet } from './byteSource';
import { readSamplingDefaults } from './generationConfig';
import { readLlamaConfig } from './hfConfig';
import { openHfTokenizer } from './hfTokenizer';
import { isJsonObject, readJsonObject } from './jsonFile';
import { openSafetensors, type SafetensorsFile } from './safetensors';

const SINGLE = 'model.safetensors';
const INDEX = 'model.safetensors.index.json';
const EMBEDDING = 'model.embed_tokens.weight';
const HEAD = 'lm_head.weight';

/** A Hugging Face checkpoint, and the tensors of its files that the model has no use for. */
export interface HfCheckpoint extends Checkpoint {
  readonly ignored: readonly string[];
}

/**
 * Opens a Hugging Face folder with `config.json` and safetensors weights (one file or shards). Only headers
 * are read; weights stay in their files until somebody reads them. Every tensor that the model needs is there
 * with the right shape and dtype F32, F16 or BF16, or a UserError says which is not.
 */
export async function openHfCheckpoint(files: FileSet): Promise<HfCheckpoint> {
  const configFile = requireFile(files, 'config.json', 'choose the whole folder of the model');
  const config = readLlamaConfig(configFile.name, await readJsonObject(configFile));
  const stored = await storedTensors(files);
  const tensors = new Map<string, WeightTensor>();
  const used = new Set<string>();
  for (const [name, shape] of tensorShapes(config)) {
    const storedName = nameInFile(name, stored, config);
    const file = stored.get(storedName);
    if (file === undefined) {
      const remedy = 'download all weight files again, or check config.json against them';
      throw new UserError(files.name, `the tensor ${name} is missing from the weight files`, remedy);
    }
    used.add(storedName);
    tensors.set(name, weightTensor(name, shape, file, storedName));
  }
  return {
    name: files.name,
    config,
    tensors,
    tokenizer: await openHfTokenizer(files, config),
    sampling: await readSamplingDefaults(files),
    ignored: [...stored.keys()].filter((name) => !used.has(name)),
  };
}

/** Tied weights are one tensor: some writers keep it under the name of the head, not of the embedding. */
function nameInFile(name: string, stored: ReadonlyMap<string, unknown>, config: LlamaConfig): string {
  return name === EMBEDDING && config.tieWordEmbeddings && !stored.has(EMBEDDING) ? HEAD : name;
}

function weightTensor(
  name: string,
  shape: readonly number[],
  file: SafetensorsFile,
  storedName: string,
): WeightTensor {
  const entry = file.tensors.get(storedName);
  if (entry === undefined) throw new Error(`${file.name} has no tensor ${storedName}`);
  if (!isWeightDtype(entry.dtype)) {
    const problem = `the tensor ${storedName} has dtype ${entry.dtype}, which cannot be used as a weight`;
    throw new UserError(file.name, problem, 'choose the F32, F16 or BF16 version of the model');
  }
  if (entry.shape.join() !== shape.join()) {
    const problem = `the tensor ${storedName} has shape [${entry.shape.join(', ')}] where config.json asks for`;
    throw new UserError(
      file.name,
      `${problem} [${shape.join(', ')}]`,
      'use the config.json and the weights of one and the same model',
    );
  }
  return {
    name,
    dtype: entry.dtype,
    shape,
    read: (begin, end) => file.read(storedName, begin, end),
  };
}

/** Which file holds each stored tensor. */
async function storedTensors(files: FileSet): Promise<Map<string, SafetensorsFile>> {
  const single = files.files.get(SINGLE);
  if (single !== undefined) {
    const file = await openSafetensors(single);
    return new Map([...file.tensors.keys()].map((name) => [name, file]));
  }
  const index = files.files.get(INDEX);
  if (index === undefined) {
    const pickled = [...files.files.keys()].some((name) => name.endsWith('.bin') || name.endsWith('.pth'));
    throw new UserError(
      files.name,
      `there is no ${SINGLE} and no ${INDEX}`,
      pickled
        ? 'convert the pickled weights to safetensors first (transformers: save_pretrained)'
        : 'choose the whole folder of the model, with its weights',
    );
  }
  const weightMap = (await readJsonObject(index))['weight_map'];
  if (!isJsonObject(weightMap)) {
    throw new UserError(index.name, 'it has no object "weight_map"', 'download the file again');
  }
  const shards = new Map<string, SafetensorsFile>();
  const stored = new Map<string, SafetensorsFile>();
  for (const [tensor, shardName] of Object.entries(weightMap)) {
    // The index comes from a stranger: it may name files of this folder only, and only weights.
    if (typeof shardName !== 'string' || !/^[^/\\]+\.safetensors$/.test(shardName)) {
      const problem = `weight_map sends ${tensor} to ${JSON.stringify(shardName)}, not to a .safetensors file`;
      throw new UserError(
        index.name,
        `${problem} beside it`,
        'download the index again from a source you trust',
      );
    }
    const shard =
      shards.get(shardName) ??
      (await openSafetensors(requireFile(files, shardName, 'download all shards that the index lists')));
    shards.set(shardName, shard);
    if (!shard.tensors.has(tensor)) {
      const problem = `the tensor ${tensor} is not in it, although ${index.name} says so`;
      throw new UserError(shard.name, problem, 'download index and shards of one and the same revision');
    }
    stored.set(tensor, shard);
  }
  return stored;
}

function requireFile(files: FileSet, name: string, remedy: string): ByteSource {
  const source = files.files.get(name);
  if (source === undefined) throw new UserError(files.name, `the file ${name} is missing`, remedy);
  return source;
}

function isWeightDtype(dtype: string): dtype is WeightDtype {
  return Object.hasOwn(WEIGHT_BYTES, dtype);
}
