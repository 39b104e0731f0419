import { isNativeAdapter, readNativeAdapter } from '../export/nativeAdapter';
import { BASE_FINGERPRINT } from '../export/peft';
import { openPeft } from '../export/peftImport';
import type { Checkpoint } from '../model/checkpoint';
import type { ByteSource, FileSet } from './byteSource';
import { readGgufSummary } from './gguf';
import { openHfCheckpoint } from './hfCheckpoint';
import { openLlama2c } from './llama2c';
import { recognise, type Recognised } from './recognise';
import { openSafetensors, type SafetensorsFile } from './safetensors';

/** What a file or folder is, to be printed. */
export interface Inspection {
  readonly kind: Exclude<Recognised['kind'], 'unknown'>;
  readonly name: string;
  /** One sentence for people. */
  readonly summary: string;
  /** Dimensions, dtypes and settings by name: plain JSON values. */
  readonly details: Readonly<Record<string, unknown>>;
  /** What is odd or in the way, a sentence each. */
  readonly problems: readonly string[];
  /** Whether this program can use it now, as a base model or as an adapter on its own base. */
  readonly usable: boolean;
}

/**
 * Describes a checkpoint, an adapter, a safetensors or a GGUF file. Undefined where it is none of these (a data
 * file, say): then it is for somebody else to describe. Throws UserError where it is one of these but broken.
 * `beside`: the folder of a single file.
 */
export async function inspect(
  source: ByteSource | FileSet,
  beside?: FileSet,
): Promise<Inspection | undefined> {
  const found = await recognise(source, beside);
  switch (found.kind) {
    case 'hf-checkpoint': {
      const checkpoint = await openHfCheckpoint(found.files);
      const unused = checkpoint.ignored.map((name) => `the tensor ${name} is not needed and is ignored`);
      return describeCheckpoint(found.kind, 'Hugging Face LLaMA checkpoint', checkpoint, unused);
    }
    case 'llama2c-checkpoint': {
      const checkpoint = await openLlama2c(found.file, found.beside);
      return describeCheckpoint(found.kind, 'llama2.c checkpoint (version 0)', checkpoint, []);
    }
    case 'native-adapter':
      return await describeNative(found.file);
    case 'peft-adapter':
      return await describePeft(found.files);
    case 'safetensors': {
      const file = await openSafetensors(found.file);
      return isNativeAdapter(file.metadata) ? await describeNative(found.file) : describeTensors(file);
    }
    case 'gguf':
      return await describeGguf(found.file);
    case 'unknown':
      return undefined;
  }
}

function describeCheckpoint(
  kind: Inspection['kind'],
  label: string,
  checkpoint: Checkpoint,
  remarks: readonly string[],
): Inspection {
  const { name, config, tensors, tokenizer } = checkpoint;
  const weights = sum([...tensors.values()].map(({ shape }) => elements(shape)));
  const dtypes = [...new Set([...tensors.values()].map(({ dtype }) => dtype))];
  const { layers, hiddenSize, heads, kvHeads, vocabSize } = config;
  const form = `${layers} layers, width ${hiddenSize}, ${heads}/${kvHeads} heads, ${vocabSize} tokens`;
  return {
    kind,
    name,
    summary: `${label} with ${grouped(weights)} weights in ${dtypes.join(', ')}: ${form}.`,
    details: {
      parameters: weights,
      dtypes,
      config,
      tokenizer:
        tokenizer === undefined
          ? null
          : {
              vocabSize: tokenizer.vocabSize,
              bosId: tokenizer.bosId ?? null,
              eosIds: tokenizer.eosIds,
              hasChatTemplate: tokenizer.chatTemplate !== undefined,
            },
    },
    problems:
      tokenizer === undefined
        ? [...remarks, 'there is no tokenizer beside it, so that text can be neither read nor written']
        : remarks,
    usable: tokenizer !== undefined,
  };
}

async function describeNative(source: ByteSource): Promise<Inspection> {
  const { config, values, base, metadata } = await readNativeAdapter(source);
  return {
    kind: 'native-adapter',
    name: source.name,
    summary: `Adapter (${config.method}, r ${config.r}) with ${grouped(values.length)} weights for ${base.name}.`,
    details: { parameters: values.length, config, base, metadata },
    problems: [],
    usable: true,
  };
}

async function describePeft(files: FileSet): Promise<Inspection> {
  const { config, modules, layers, widths, weights } = await openPeft(files);
  const base = config.baseModel.split(/[\\/]/).at(-1) ?? '';
  const parameters = sum([...weights.tensors.values()].map(({ shape }) => elements(shape)));
  // Where this program wrote the folder, the base was a LLaMA, whatever its name.
  const isOwn = weights.metadata.has(BASE_FINGERPRINT);
  const family = isOwn ? undefined : OTHER_FAMILIES.find((name) => base.toLowerCase().includes(name));
  const problems =
    family === undefined
      ? []
      : [`its base model ${base} is of the ${family} family, not a LLaMA: it cannot be used yet`];
  const form = `r ${config.r}, alpha ${config.alpha}, ${modules.join(', ')} in ${layers} layers`;
  return {
    kind: 'peft-adapter',
    name: files.name,
    summary:
      `PEFT LoRA adapter for the base model ${base === '' ? 'that it does not name' : base} (${form}); ` +
      (family === undefined
        ? 'it can be used on that base model only.'
        : 'it fits that base model only, which is no LLaMA, so that it cannot be used yet.'),
    details: {
      parameters,
      base_model_name_or_path: config.baseModel,
      r: config.r,
      lora_alpha: config.alpha,
      lora_dropout: config.dropout,
      target_modules: modules,
      layers,
      widths: Object.fromEntries(widths),
    },
    problems,
    usable: family === undefined,
  };
}

/** Families whose adapters have LLaMA-like tensor names, although the models compute something else. */
const OTHER_FAMILIES = [
  'gemma',
  'qwen',
  'mistral',
  'mixtral',
  'phi',
  'olmo',
  'granite',
  'cohere',
  'deepseek',
];

function describeTensors(file: SafetensorsFile): Inspection {
  const tensors = [...file.tensors];
  const parameters = sum(tensors.map(([, { shape }]) => elements(shape)));
  return {
    kind: 'safetensors',
    name: file.name,
    summary: `Sound safetensors file with ${tensors.length} tensors, ${grouped(parameters)} values.`,
    details: {
      parameters,
      metadata: Object.fromEntries(file.metadata),
      tensors: Object.fromEntries(tensors.map(([name, { dtype, shape }]) => [name, { dtype, shape }])),
    },
    problems: ['alone it is neither a checkpoint nor an adapter: its config.json is missing'],
    usable: false,
  };
}

async function describeGguf(source: ByteSource): Promise<Inspection> {
  const { version, tensorCount, texts } = await readGgufSummary(source);
  const architecture = texts.get('general.architecture');
  const model = architecture === undefined ? 'a model' : `a model of architecture ${architecture}`;
  return {
    kind: 'gguf',
    name: source.name,
    summary: `GGUF file (version ${version}) of ${model} with ${tensorCount} tensors; it cannot be used yet.`,
    details: { version, tensors: tensorCount, ...Object.fromEntries(texts) },
    problems: ['GGUF files cannot be used yet: choose the Hugging Face or llama2.c form of the model'],
    usable: false,
  };
}

function elements(shape: readonly number[]): number {
  return shape.reduce((product, dimension) => product * dimension, 1);
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

function grouped(count: number): string {
  return count.toLocaleString('en-US');
}
