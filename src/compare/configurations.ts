import type { KnobKey } from '../config/knob';
import { isObject, requireSetting, type Complain } from './complaints';

/** One way of training that is compared with the others. */
export interface Configuration {
  /** Unique in its sweep. */
  readonly name: string;
  /** What the file chooses, the scenario's and the shared settings included; not checked against the model yet. */
  readonly settings: Readonly<Record<string, unknown>>;
  /** The settings that this configuration chooses itself. */
  readonly chosen: readonly KnobKey[];
}

const FORM = 'give a list such as [{"name": "LoRA", "method": "lora"}, {"num_experts": [1, 2, 4]}]';

/**
 * The configurations of a sweep file: objects of settings with, if wanted, a name. A list in place of a value is a
 * grid over it; several lists make every combination, the last one varying fastest. Without a name a configuration
 * is called by its settings.
 *
 * @param shared settings that stand where a configuration does not choose
 */
export function expandConfigurations(
  value: unknown,
  shared: Readonly<Record<string, unknown>>,
  complain: Complain,
): readonly Configuration[] {
  if (!Array.isArray(value) || value.length === 0) {
    throw complain('configurations', value === undefined ? 'it is missing' : 'this is not a list', FORM);
  }
  const entries: unknown[] = value;
  const configurations = entries.flatMap((entry, index) => {
    const field = `configurations, entry ${index + 1}`;
    if (!isObject(entry)) throw complain(field, 'this is not an object', FORM);
    return expand(entry, field, shared, complain);
  });
  configurations.forEach(({ name }, index) => {
    if (configurations.findIndex((other) => other.name === name) === index) return;
    const problem = `two of them are called ${JSON.stringify(name)}`;
    throw complain('configurations', problem, 'give each its own "name"');
  });
  return configurations;
}

function expand(
  { name, ...own }: Readonly<Record<string, unknown>>,
  field: string,
  shared: Readonly<Record<string, unknown>>,
  complain: Complain,
): Configuration[] {
  if (name !== undefined && (typeof name !== 'string' || name.trim() === '')) {
    throw complain(`${field}, name`, `${JSON.stringify(name)} is not a name`, 'give a text in quotes');
  }
  const chosen = Object.keys(own).map((key) => {
    requireSetting(`${field}, ${key}`, key, complain);
    return key;
  });
  let combinations: (readonly [key: KnobKey, value: unknown])[][] = [[]];
  for (const key of chosen) {
    const values = gridOf(key, own[key]);
    if (values.length === 0)
      throw complain(`${field}, ${key}`, 'the list is empty', 'give at least one value');
    combinations = combinations.flatMap((before) =>
      values.map((value) => [...before, [key, value] as const]),
    );
  }
  return combinations.map((pairs) => {
    const named = name === undefined ? pairs : pairs.filter(([key]) => isGrid(key, own[key]));
    const words = named.map(([key, value]) => (key === 'method' ? text(value) : `${key}=${text(value)}`));
    const label = [...(name === undefined ? [] : [name.trim()]), ...words].join(' ');
    return {
      name: label === '' ? 'defaults' : label,
      settings: { ...shared, ...Object.fromEntries(pairs) },
      chosen,
    };
  });
}

/** A list is a grid; a list of modules is one value, and only a list of such lists a grid. */
function isGrid(key: KnobKey, value: unknown): value is readonly unknown[] {
  return Array.isArray(value) && (key !== 'target_modules' || value.some((item) => Array.isArray(item)));
}

function gridOf(key: KnobKey, value: unknown): readonly unknown[] {
  return isGrid(key, value) ? value : [value];
}

function text(value: unknown): string {
  if (Array.isArray(value)) return value.map(String).join(',');
  return typeof value === 'string' ? value : JSON.stringify(value);
}
