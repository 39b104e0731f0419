import { UserError } from '../../config/errors';
import type { JsonObject } from '../formats/jsonFile';

/** What a PEFT LoRA config says, in the terms of this program. */
export interface PeftConfig {
  readonly r: number;
  /** With rank-stabilised scaling folded in: the scale is always alpha / r. */
  readonly alpha: number;
  readonly dropout: number;
  /** Empty where the config does not say. */
  readonly baseModel: string;
  /** Whether PEFT would adapt the module at a path such as `model.layers.0.self_attn.q_proj`. */
  targets(path: string): boolean;
}

/** Options that change what an adapter computes or stores, each with what it must be to be left out of account. */
const PLAIN: readonly (readonly [key: string, isPlain: (value: unknown) => boolean])[] = [
  ['use_dora', isOff],
  ['bias', (value) => isOff(value) || value === 'none'],
  ['lora_bias', isOff],
  ['fan_in_fan_out', isOff],
  ['modules_to_save', isOff],
  ['rank_pattern', isOff],
  ['alpha_pattern', isOff],
  ['layers_to_transform', isOff],
  ['layer_replication', isOff],
  ['trainable_token_indices', isOff],
  ['target_parameters', isOff],
  ['alora_invocation_tokens', isOff],
  ['arrow_config', isOff],
  ['use_qalora', isOff],
  ['use_bdlora', isOff],
  ['kasa_config', isOff],
  ['velora_config', isOff],
  ['monteclora_config', isOff],
];

/**
 * Reads `adapter_config.json` of a PEFT LoRA folder. Throws UserError for another kind of adapter and for every
 * option that plain LoRA with one rank and one alpha cannot express; names file, key and value.
 */
export function readPeftConfig(file: string, json: JsonObject): PeftConfig {
  const refuse = (key: string, problem: string, remedy: string): never => {
    const value = json[key] === undefined ? 'missing' : JSON.stringify(json[key]);
    throw new UserError(`${file}, ${key}`, `${value} ${problem}`, remedy);
  };
  if (json['peft_type'] !== 'LORA') refuse('peft_type', 'is not "LORA"', 'choose a LoRA adapter');
  for (const [key, isPlain] of PLAIN) {
    if (!isPlain(json[key])) refuse(key, 'is not supported', 'choose a plain LoRA adapter without it');
  }
  const number = (key: string, fallback: number, isKind: (value: number) => boolean): number => {
    const value = json[key] ?? fallback;
    if (typeof value === 'number' && isKind(value)) return value;
    return refuse(key, 'is not a usable number', 'choose an intact adapter');
  };
  const r = number('r', 8, (value) => Number.isSafeInteger(value) && value > 0);
  const alpha = number('lora_alpha', 8, (value) => Number.isFinite(value) && value > 0);
  const baseModel = json['base_model_name_or_path'];
  return {
    r,
    alpha: isOff(json['use_rslora']) ? alpha : alpha * Math.sqrt(r), // alpha / √r = (alpha · √r) / r
    dropout: number('lora_dropout', 0, (value) => value >= 0 && value < 1),
    baseModel: typeof baseModel === 'string' ? baseModel : '',
    targets: targetRule(json['target_modules'], refuse),
  };
}

type Refuse = (key: string, problem: string, remedy: string) => never;

/** PEFT's rule: a list names the ends of paths, a text is a pattern for the whole path. */
function targetRule(value: unknown, refuse: Refuse): (path: string) => boolean {
  const remedy = 'choose an adapter whose target_modules are a list of names';
  if (value === undefined || value === null || value === 'all-linear') return () => true;
  if (Array.isArray(value) && value.every((name) => typeof name === 'string')) {
    return (path) => value.some((name) => path === name || path.endsWith(`.${name}`));
  }
  if (typeof value !== 'string') return refuse('target_modules', 'is neither a list nor a text', remedy);
  try {
    const pattern = new RegExp(`^(?:${value})$`, 'u');
    return (path) => pattern.test(path);
  } catch {
    return refuse('target_modules', 'is a pattern that cannot be read', remedy);
  }
}

function isOff(value: unknown): boolean {
  if (value === undefined || value === null || value === false) return true;
  return typeof value === 'object' && Object.keys(value).length === 0;
}
