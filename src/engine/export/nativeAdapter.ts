import { UserError } from '../../config/errors';
import { validateRunConfig } from '../../config/validate';
import { adapterConfig, type Adapter, type AdapterBase, type AdapterConfig } from '../adapters/adapter';
import { adapterLayout } from '../adapters/layout';
import type { ByteSource } from '../formats/byteSource';
import { fromFloat32, toFloat32 } from '../formats/dtypes';
import { readLlamaConfig } from '../formats/hfConfig';
import { writeLlamaConfig } from '../formats/hfConfigWriter';
import { isJsonObject, type JsonObject } from '../formats/jsonFile';
import { openSafetensors, writeSafetensors } from '../formats/safetensors';
import type { LlamaConfig } from '../model/llamaConfig';
import { requireFinite } from './finite';

const FORMAT_VERSION = '1';
/** Metadata keys of the format itself; every other key is a free note. */
const KEYS = { version: 'masa_adapter_version', config: 'adapter_config', base: 'base_model' } as const;
const RESERVED: readonly string[] = ['format', ...Object.values(KEYS)];
const REMEDY = 'use a file that this program wrote, unaltered';

/**
 * The adapter as `adapter_native.safetensors`: every A_i, B_i and router as F32 under the names of `adapterLayout`, and
 * in the metadata the version of this format, the adapter's settings (JSON), its base model (JSON: name,
 * fingerprint, config in Hugging Face's spelling) and the adapter's own notes. Reading it gives back every bit.
 * Throws UserError where a weight is not a finite number.
 */
export function writeNativeAdapter(adapter: Adapter): Uint8Array<ArrayBuffer> {
  const { config, values, base, metadata } = adapter;
  const layout = adapterLayout(config, base.config);
  if (values.length !== layout.size) throw new Error(`${values.length} values for ${layout.size} weights`);
  const taken = Object.keys(metadata).find((key) => RESERVED.includes(key));
  if (taken !== undefined) throw new Error(`the metadata key ${taken} belongs to the format`);
  const tensors = layout.tensors.map(({ name, shape, offset }) => {
    const own = values.subarray(offset, offset + shape[0] * shape[1]);
    requireFinite('the adapter', name, own);
    return { name, dtype: 'F32' as const, shape, bytes: fromFloat32(own, 'F32') };
  });
  return writeSafetensors(tensors, {
    ...metadata,
    [KEYS.version]: FORMAT_VERSION,
    [KEYS.config]: JSON.stringify(config),
    [KEYS.base]: JSON.stringify({
      name: base.name,
      fingerprint: base.fingerprint ?? null,
      config: writeLlamaConfig(base.config),
    }),
  });
}

/** Whether a safetensors file's metadata say that it is a native adapter, of this version or another. */
export function isNativeAdapter(metadata: ReadonlyMap<string, string>): boolean {
  return metadata.has(KEYS.version);
}

/**
 * Reads a native adapter. Throws UserError for another version, settings that are out of range, tensors that
 * are missing, surplus or of the wrong shape, and weights that are not finite.
 */
export async function readNativeAdapter(source: ByteSource): Promise<Adapter> {
  const file = await openSafetensors(source);
  const refuse = (problem: string): never => {
    throw new UserError(source.name, problem, REMEDY);
  };
  const version = file.metadata.get(KEYS.version);
  if (version === undefined) refuse('this is not an adapter of this program');
  if (version !== FORMAT_VERSION) refuse(`the adapter has version ${version ?? ''}, only 1 is known`);
  const base = readBase(source.name, jsonOf(source.name, KEYS.base, file.metadata));
  const config = readConfig(source.name, jsonOf(source.name, KEYS.config, file.metadata), base.config);
  const layout = adapterLayout(config, base.config);
  const values = new Float32Array(layout.size);
  for (const { name, shape, offset } of layout.tensors) {
    const entry = file.tensors.get(name);
    if (entry === undefined) return refuse(`the tensor ${name} is missing`);
    if (entry.dtype !== 'F32' || entry.shape.join() !== shape.join()) {
      refuse(
        `the tensor ${name} is ${entry.dtype} [${entry.shape.join(', ')}], not F32 [${shape.join(', ')}]`,
      );
    }
    const own = toFloat32(await file.read(name), 'F32');
    requireFinite(source.name, name, own);
    values.set(own, offset);
  }
  if (file.tensors.size > layout.tensors.length) refuse('it holds tensors that its settings do not ask for');
  const notes = [...file.metadata].filter(([key]) => !RESERVED.includes(key));
  return { config, values, base, metadata: Object.fromEntries(notes) };
}

/**
 * The settings of an adapter, checked against the knobs' ranges and the model's layers.
 * Throws UserError naming `file`.
 */
export function readConfig(file: string, json: JsonObject, model: LlamaConfig): AdapterConfig {
  try {
    return adapterConfig(validateRunConfig(json, { layers: model.layers, software: false }));
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    throw new UserError(file, `its settings cannot be used (${error.message.replace(/\.$/, '')})`, REMEDY);
  }
}

function readBase(file: string, json: JsonObject): AdapterBase {
  const { name, fingerprint, config } = json;
  if (typeof name !== 'string' || !isJsonObject(config)) {
    throw new UserError(file, `its metadata "${KEYS.base}" lacks the name or the config`, REMEDY);
  }
  return {
    name,
    fingerprint: typeof fingerprint === 'string' ? fingerprint : undefined,
    config: readLlamaConfig(`${file}, ${KEYS.base}`, config),
  };
}

function jsonOf(file: string, key: string, metadata: ReadonlyMap<string, string>): JsonObject {
  try {
    const value: unknown = JSON.parse(metadata.get(key) ?? '');
    if (isJsonObject(value)) return value;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  throw new UserError(file, `its metadata "${key}" is missing or not a JSON object`, REMEDY);
}
