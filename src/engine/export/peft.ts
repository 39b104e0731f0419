import type { Adapter } from '../adapters/adapter';
import type { FileSet } from '../formats/byteSource';
import { fromFloat32 } from '../formats/dtypes';
import { readJsonObject } from '../formats/jsonFile';
import { openSafetensors, writeSafetensors, type SafetensorsTensor } from '../formats/safetensors';
import { effectiveLora } from './effectiveLora';
import { requireFinite } from './finite';
import { modelCard } from './modelCard';

export const PEFT_CONFIG = 'adapter_config.json';
export const PEFT_WEIGHTS = 'adapter_model.safetensors';
/** Metadata key of the weights: the base model's fingerprint, which PEFT's own files lack. */
export const BASE_FINGERPRINT = 'base_fingerprint';
/** PEFT wraps the model twice; every name in its files begins so. */
export const PEFT_PREFIX = 'base_model.model.';

/**
 * The adapter as a PEFT LoRA folder, by file name: the config, the weights (F32, A summed over the experts, once
 * for every layer of a group) and a model card. Every consumer agrees on this form: one r, scale = lora_alpha/r.
 * `baseModel`: name or Hub id of the base where it is not the name of the folder it was read from.
 * Throws UserError where a weight is not a finite number. https://huggingface.co/docs/peft
 */
export function writePeft(
  adapter: Adapter,
  baseModel: string = adapter.base.name,
): Map<string, Uint8Array<ArrayBuffer>> {
  const provenance = {
    ...adapter.metadata,
    trained_as: JSON.stringify(adapter.config),
    base_model: baseModel,
    ...(adapter.base.fingerprint === undefined ? {} : { [BASE_FINGERPRINT]: adapter.base.fingerprint }),
  };
  const encode = new TextEncoder();
  return new Map([
    [PEFT_CONFIG, encode.encode(configText(adapter, baseModel))],
    [PEFT_WEIGHTS, writeSafetensors(peftTensors(adapter), provenance)],
    ['README.md', encode.encode(modelCard(adapter, baseModel))],
  ]);
}

/**
 * Reads a written PEFT folder again and compares it with what the adapter asks for: names, shapes and every bit
 * of every weight, and the scale. PEFT itself only warns about a missing tensor and ignores a surplus one, so
 * nobody else would notice. A difference is an Error: a fault of ours or of the disk.
 */
export async function verifyPeft(files: FileSet, adapter: Adapter): Promise<void> {
  const weights = files.files.get(PEFT_WEIGHTS);
  const config = files.files.get(PEFT_CONFIG);
  if (weights === undefined || config === undefined) throw new Error('the PEFT folder is not complete');
  const { r, lora_alpha: alpha } = await readJsonObject(config);
  if (r !== adapter.config.r || alpha !== adapter.config.lora_alpha) {
    throw new Error(`${PEFT_CONFIG} has another r or lora_alpha than the adapter`);
  }
  const file = await openSafetensors(weights);
  const expected = peftTensors(adapter);
  if (file.tensors.size !== expected.length) {
    throw new Error(`${PEFT_WEIGHTS} has ${file.tensors.size} tensors instead of ${expected.length}`);
  }
  for (const { name, dtype, shape, bytes } of expected) {
    const entry = file.tensors.get(name);
    if (entry === undefined || entry.dtype !== dtype || entry.shape.join() !== shape.join()) {
      throw new Error(`${PEFT_WEIGHTS} lacks ${name} in the right form`);
    }
    const written = await file.read(name);
    if (!bytes.every((byte, i) => written[i] === byte)) {
      throw new Error(`${PEFT_WEIGHTS}: ${name} differs from the adapter`);
    }
  }
}

function peftTensors(adapter: Adapter): SafetensorsTensor[] {
  return effectiveLora(adapter).flatMap(({ path, a, b }) =>
    [
      { name: `${PEFT_PREFIX}${path}.lora_A.weight`, ...a },
      { name: `${PEFT_PREFIX}${path}.lora_B.weight`, ...b },
    ].map(({ name, shape, values }) => {
      requireFinite('the adapter', name, values);
      return { name, dtype: 'F32' as const, shape, bytes: fromFloat32(values, 'F32') };
    }),
  );
}

/** All keys whose default in PEFT is another or has changed between versions; sorted and indented as PEFT does. */
function configText({ config }: Adapter, baseModel: string): string {
  const fields = {
    alpha_pattern: {},
    base_model_name_or_path: baseModel,
    bias: 'none',
    exclude_modules: null,
    fan_in_fan_out: false,
    inference_mode: true,
    init_lora_weights: true,
    layers_pattern: null,
    layers_to_transform: null,
    lora_alpha: config.lora_alpha,
    lora_dropout: config.lora_dropout,
    modules_to_save: null,
    peft_type: 'LORA',
    r: config.r,
    rank_pattern: {},
    revision: null,
    target_modules: config.target_modules,
    task_type: 'CAUSAL_LM',
    use_dora: false,
    use_rslora: false,
  };
  return JSON.stringify(fields, null, 2);
}
