import { UserError } from '../../config/errors';
import type { LlamaConfig, RopeConfig } from '../model/llamaConfig';
import { isJsonObject, type JsonObject } from './jsonFile';

/**
 * Reads a Hugging Face `config.json` of a LLaMA model, old spellings (`rope_scaling`, `torch_dtype`) and new
 * ones (`rope_parameters`, `dtype`). Missing keys take the defaults of transformers' `LlamaConfig`.
 * Throws UserError for another architecture, an unsupported RoPE type or activation, a quantised model, and
 * values that contradict each other. `file` is the name shown in messages.
 */
export function readLlamaConfig(file: string, json: JsonObject): LlamaConfig {
  refuseOtherModels(file, json);
  const read = new Fields(file, json);
  const hiddenSize = read.count('hidden_size', 4096);
  const heads = read.count('num_attention_heads', 32);
  const kvHeads = read.count('num_key_value_heads', heads);
  if (heads % kvHeads !== 0) {
    read.refuse(
      'num_key_value_heads',
      `does not divide num_attention_heads ${heads}`,
      'correct one of the two',
    );
  }
  const headDim = read.count('head_dim', hiddenSize / heads);
  if (!Number.isInteger(headDim)) {
    read.refuse(
      'hidden_size',
      `is not a multiple of num_attention_heads ${heads}`,
      'add head_dim or correct it',
    );
  }
  if (headDim % 2 !== 0) {
    const remedy = 'use a model whose heads have an even width, as rotary positions need';
    throw new UserError(`${file}, head_dim`, `the head width is ${headDim}, an odd number`, remedy);
  }
  const maxPositions = read.count('max_position_embeddings', 2048);
  return {
    vocabSize: read.count('vocab_size', 32000),
    hiddenSize,
    intermediateSize: read.count('intermediate_size', 11008),
    layers: read.count('num_hidden_layers', 32),
    heads,
    kvHeads,
    headDim,
    rmsNormEps: read.positive('rms_norm_eps', 1e-6),
    attentionBias: read.flag('attention_bias'),
    mlpBias: read.flag('mlp_bias'),
    tieWordEmbeddings: read.flag('tie_word_embeddings'),
    maxPositions,
    rope: readRope(file, json, maxPositions),
    bosTokenId: tokenIds(file, 'bos_token_id', json['bos_token_id'])[0],
    eosTokenIds: tokenIds(file, 'eos_token_id', json['eos_token_id']),
  };
}

/** A token id, a list of them or null, as in `config.json` and `generation_config.json`. */
export function tokenIds(file: string, key: string, value: unknown): number[] {
  if (value === undefined || value === null) return [];
  const ids: unknown[] = Array.isArray(value) ? value : [value];
  return ids.map((id) => {
    if (typeof id === 'number' && Number.isInteger(id) && id >= 0) return id;
    throw new UserError(`${file}, ${key}`, `${show(id)} is not a token id`, 'write a whole number from 0');
  });
}

function refuseOtherModels(file: string, json: JsonObject): void {
  const { architectures, model_type: modelType } = json;
  const name: unknown = Array.isArray(architectures) ? architectures[0] : undefined;
  const remedy =
    'choose a LLaMA checkpoint (model_type "llama"; Llama 2 and 3, TinyLlama, SmolLM2 and the like)';
  if (name !== undefined && name !== 'LlamaForCausalLM') {
    throw new UserError(`${file}, architectures`, `${show(name)} is not a LLaMA language model`, remedy);
  }
  if (modelType !== 'llama' && (modelType !== undefined || name === undefined)) {
    throw new UserError(`${file}, model_type`, `${show(modelType)} is not "llama"`, remedy);
  }
  const activation = json['hidden_act'] ?? 'silu';
  if (activation !== 'silu') {
    const problem = `${show(activation)} is not supported, only "silu" is`;
    throw new UserError(
      `${file}, hidden_act`,
      problem,
      'choose a checkpoint with the usual LLaMA activation',
    );
  }
  const quantization = json['quantization_config'];
  if (quantization !== undefined && quantization !== null) {
    const problem = 'the weights are quantised, which cannot be read';
    throw new UserError(
      `${file}, quantization_config`,
      problem,
      'choose the F32, F16 or BF16 version of the model',
    );
  }
}

/**
 * The order of transformers 5: a non-empty `rope_scaling`, else `rope_parameters`; inside it `rope_theta`
 * wins over the key at the top, and `type` is the old alias of `rope_type`.
 */
function readRope(file: string, json: JsonObject, maxPositions: number): RopeConfig {
  const [key, settings] = ropeObject(file, json);
  const read = new Fields(`${file}, ${key}`, settings);
  const theta = new Fields(file, json).positive('rope_theta', 10000);
  const ownTheta = read.positive('rope_theta', theta);
  const fraction = settings['partial_rotary_factor'] ?? json['partial_rotary_factor'] ?? 1;
  if (fraction !== 1) {
    const problem = `${show(fraction)} is not supported, only 1 is`;
    throw new UserError(`${file}, partial_rotary_factor`, problem, 'choose another checkpoint');
  }
  const type = settings['rope_type'] ?? settings['type'] ?? 'default';
  if (type === 'default') return { type, theta: ownTheta };
  if (type !== 'llama3') {
    const problem = `the RoPE type ${show(type)} is not supported, only "default" and "llama3" are`;
    throw new UserError(`${file}, ${key}`, problem, 'choose a checkpoint without this context extension');
  }
  const lowFreqFactor = read.positive('low_freq_factor');
  const highFreqFactor = read.positive('high_freq_factor');
  if (highFreqFactor <= lowFreqFactor) {
    read.refuse(
      'high_freq_factor',
      `is not above low_freq_factor ${lowFreqFactor}`,
      'correct the two values',
    );
  }
  return {
    type,
    theta: ownTheta,
    factor: read.positive('factor'),
    lowFreqFactor,
    highFreqFactor,
    originalMaxPositions: read.count('original_max_position_embeddings', maxPositions),
  };
}

function ropeObject(file: string, json: JsonObject): [string, JsonObject] {
  for (const key of ['rope_scaling', 'rope_parameters']) {
    const value = json[key] ?? {};
    if (!isJsonObject(value)) {
      throw new UserError(`${file}, ${key}`, `${show(value)} is not an object`, 'write an object or null');
    }
    if (Object.keys(value).length > 0) return [key, value];
  }
  return ['rope_parameters', {}];
}

/** Typed access to the keys of one JSON object, with errors that name file and key. */
class Fields {
  private readonly file: string;
  private readonly json: JsonObject;

  constructor(file: string, json: JsonObject) {
    this.file = file;
    this.json = json;
  }

  /** A whole number from 1; null counts as missing. */
  count(key: string, fallback?: number): number {
    return this.number(key, fallback, Number.isSafeInteger, 'a whole number from 1');
  }

  positive(key: string, fallback?: number): number {
    return this.number(key, fallback, Number.isFinite, 'a number above 0');
  }

  flag(key: string): boolean {
    const value = this.json[key] ?? false;
    if (typeof value === 'boolean') return value;
    return this.refuse(key, 'is not true or false', 'write true or false');
  }

  refuse(key: string, problem: string, remedy: string): never {
    const value = this.json[key];
    throw new UserError(
      `${this.file}, ${key}`,
      value === undefined ? 'the key is missing' : `${show(value)} ${problem}`,
      remedy,
    );
  }

  private number(
    key: string,
    fallback: number | undefined,
    isKind: (value: number) => boolean,
    kind: string,
  ): number {
    const value = this.json[key] ?? fallback;
    // A fallback is computed from values already checked; what it must satisfy, its caller checks.
    if (value === fallback && fallback !== undefined) return fallback;
    if (typeof value === 'number' && value > 0 && isKind(value)) return value;
    return this.refuse(key, `is not ${kind}`, `write ${kind}`);
  }
}

function show(value: unknown): string {
  return value === undefined ? 'a missing value' : JSON.stringify(value);
}
