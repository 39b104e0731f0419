import { UserError } from '../../config/errors';
import { MODULES, modulePath, type ModuleName } from '../../config/modules';
import type { Adapter, AdapterBase } from '../adapters/adapter';
import { adapterLayout, type TensorRole } from '../adapters/layout';
import type { FileSet } from '../formats/byteSource';
import { isFloatDtype, toFloat32 } from '../formats/dtypes';
import { readJsonObject } from '../formats/jsonFile';
import { openSafetensors, type SafetensorsFile } from '../formats/safetensors';
import { requireFinite } from './finite';
import { readConfig } from './nativeAdapter';
import { BASE_FINGERPRINT, PEFT_CONFIG, PEFT_PREFIX, PEFT_WEIGHTS } from './peft';
import { readPeftConfig, type PeftConfig } from './peftConfig';

/** A PEFT LoRA folder whose config and tensor table have been checked; its weights have not been read. */
export interface PeftFolder {
  readonly config: PeftConfig;
  /** In the order of the forward pass. */
  readonly modules: readonly ModuleName[];
  /** Number of layers with tensors. */
  readonly layers: number;
  /** Width of x and of y of each adapted module, as the first layer has it. */
  readonly widths: ReadonlyMap<ModuleName, { readonly in: number; readonly out: number }>;
  readonly weights: SafetensorsFile;
}

const TENSOR_NAME = /^model\.layers\.(0|[1-9][0-9]{0,4})\.([a-z_.]+)\.lora_(A|B)\.weight$/;

/**
 * Opens a PEFT LoRA folder for a LLaMA-like model. PEFT ignores or merely warns about tensors that are missing,
 * surplus or not targeted; here each is a UserError, because the adapter would not do what it was trained to.
 */
export async function openPeft(files: FileSet): Promise<PeftFolder> {
  const configFile = files.files.get(PEFT_CONFIG);
  const weightFile = files.files.get(PEFT_WEIGHTS);
  if (configFile === undefined) {
    throw new UserError(files.name, `the file ${PEFT_CONFIG} is missing`, 'choose the whole adapter folder');
  }
  const config = readPeftConfig(configFile.name, await readJsonObject(configFile));
  if (weightFile === undefined) {
    const pickled = files.files.has('adapter_model.bin');
    const remedy = pickled ? 'save the adapter as safetensors first' : 'choose the whole adapter folder';
    throw new UserError(files.name, `the file ${PEFT_WEIGHTS} is missing`, remedy);
  }
  const weights = await openSafetensors(weightFile);
  const refuse = (problem: string, remedy = 'choose an intact LoRA adapter of a LLaMA model'): never => {
    throw new UserError(weights.name, problem, remedy);
  };
  const found = new Set<ModuleName>();
  let layers = 0;
  for (const [name, { dtype, shape }] of weights.tensors) {
    const [, layer, path, side] =
      TENSOR_NAME.exec(name.startsWith(PEFT_PREFIX) ? name.slice(PEFT_PREFIX.length) : '') ?? [];
    const module = MODULES.find((candidate) => modulePath(candidate) === path);
    if (layer === undefined || module === undefined) {
      return refuse(`the tensor ${name} does not belong to one of the seven linear layers of a LLaMA block`);
    }
    if (!config.targets(`model.layers.${layer}.${modulePath(module)}`)) {
      refuse(`the tensor ${name} is of a module that target_modules of ${PEFT_CONFIG} does not name`);
    }
    if (!isFloatDtype(dtype)) refuse(`the tensor ${name} has dtype ${dtype}, which holds no weights`);
    if (shape.length !== 2 || shape[side === 'A' ? 0 : 1] !== config.r) {
      refuse(`the tensor ${name} has shape [${shape.join(', ')}], which does not fit r ${config.r}`);
    }
    found.add(module);
    layers = Math.max(layers, Number(layer) + 1);
  }
  const modules = MODULES.filter((module) => found.has(module));
  if (modules.length === 0) refuse('it holds no tensors');
  if (weights.tensors.size !== 2 * layers * modules.length) {
    const missing = modules
      .flatMap((module) => tensorNames(layers, module))
      .find((name) => !weights.tensors.has(name));
    refuse(`the tensor ${missing ?? ''} is missing`);
  }
  const width = (module: ModuleName, side: 'A' | 'B', axis: 0 | 1) =>
    weights.tensors.get(tensorName(0, module, side))?.shape[axis] ?? 0;
  return {
    config,
    modules,
    layers,
    widths: new Map(
      modules.map((module) => [module, { in: width(module, 'A', 1), out: width(module, 'B', 0) }]),
    ),
    weights,
  };
}

/**
 * A PEFT LoRA folder as an adapter of this program (method lora). Throws UserError where it is not plain LoRA,
 * where its tensors do not fit the base model, or where a weight is not finite.
 */
export async function importPeft(files: FileSet, base: AdapterBase): Promise<Adapter> {
  const folder = await openPeft(files);
  const refuse = (problem: string): never => {
    const own = folder.config.baseModel === '' ? '' : ` (it names ${folder.config.baseModel})`;
    throw new UserError(
      files.name,
      `this adapter was trained on another base model${own}: ${problem}`,
      'choose the base model that the adapter was trained on',
    );
  };
  // PEFT does not say which weights an adapter was trained on; a folder that this program wrote does.
  const known = folder.weights.metadata.get(BASE_FINGERPRINT);
  if (known !== undefined && base.fingerprint !== undefined && known !== base.fingerprint) {
    refuse(`its weights differ from those of ${base.name}`);
  }
  const { layers } = base.config;
  if (folder.layers !== layers) refuse(`it has ${folder.layers} layers and ${base.name} has ${layers}`);
  const config = readConfig(
    PEFT_CONFIG,
    {
      method: 'lora',
      num_experts: 1,
      group_size: 1,
      r: folder.config.r,
      lora_alpha: folder.config.alpha,
      lora_dropout: folder.config.dropout,
      dropout_mode: 'shared',
      target_modules: folder.modules,
    },
    base.config,
  );
  const layout = adapterLayout(config, base.config);
  const values = new Float32Array(layout.size);
  for (const { role, module, index, shape, offset } of layout.tensors) {
    const name = tensorName(index, module, role);
    const entry = folder.weights.tensors.get(name);
    if (entry === undefined || !isFloatDtype(entry.dtype)) throw new Error(`${name} was not checked`);
    if (entry.shape.join() !== shape.join()) {
      refuse(`${name} is [${entry.shape.join(', ')}] and ${base.name} asks for [${shape.join(', ')}]`);
    }
    const own = toFloat32(await folder.weights.read(name), entry.dtype);
    requireFinite(folder.weights.name, name, own);
    values.set(own, offset);
  }
  return {
    config,
    values,
    base,
    metadata: { imported_from: `PEFT, base model ${folder.config.baseModel || 'unknown'}` },
  };
}

function tensorName(layer: number, module: ModuleName, side: TensorRole): string {
  return `${PEFT_PREFIX}model.layers.${layer}.${modulePath(module)}.lora_${side}.weight`;
}

function tensorNames(layers: number, module: ModuleName): string[] {
  return Array.from({ length: layers }, (_, layer) => [
    tensorName(layer, module, 'A'),
    tensorName(layer, module, 'B'),
  ]).flat();
}
