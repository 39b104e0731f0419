import { defaultRunConfig, knobRange, type RunLimits } from './defaults';
import { UserError } from './errors';
import type { KnobKey, NumberKnob } from './knob';
import { isKnobKey, knob, KNOB_KEYS } from './knobs';
import { MODULES, type ModuleName } from './modules';
import type { RunConfig } from './runConfig';

type KnobValue = RunConfig[KnobKey];

/**
 * A complete and valid run out of some settings; the defaults stand for the rest (also for a key that is
 * `undefined`). Every setting is checked, whether the chosen method reads it or not. The input may come from a
 * file, so its types are checked too.
 *
 * @throws UserError naming the setting, its value and what to give instead
 */
export function validateRunConfig(settings: object, limits: RunLimits): RunConfig {
  const config = new Map<string, unknown>(Object.entries(defaultRunConfig(limits.layers, limits.software)));
  for (const [key, value] of Object.entries(settings)) {
    if (!isKnobKey(key)) throw unknownKnob(key);
    if (value !== undefined) config.set(key, checkKnob(key, value, limits));
  }
  // Every key of the table is present and checked, and KnobTable ties the table to RunConfig.
  return Object.fromEntries(config) as unknown as RunConfig;
}

/**
 * The value that a text (a `--flag` or a part of the page's address) stands for. Only the form is checked
 * here; the range may depend on the model and is checked by validateRunConfig. In keys `-` and `_` are the same.
 */
export function parseKnobText(
  key: string,
  text: string,
): { readonly key: KnobKey; readonly value: KnobValue } {
  const known = key.replaceAll('-', '_');
  if (!isKnobKey(known)) throw unknownKnob(key);
  const row = knob(known);
  const trimmed = text.trim();
  switch (row.kind) {
    case 'integer':
    case 'number':
      if (!/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(trimmed)) throw notANumber(known, row, text);
      return { key: known, value: Number(trimmed) };
    case 'choice':
      return { key: known, value: checkChoice(known, row.choices, trimmed) };
    case 'modules':
      return { key: known, value: checkModules(known, trimmed) };
  }
}

function checkKnob(key: KnobKey, value: unknown, limits: RunLimits): KnobValue {
  const row = knob(key);
  switch (row.kind) {
    case 'integer':
    case 'number':
      return checkNumber(key, row, value, limits);
    case 'choice':
      return checkChoice(key, row.choices, value);
    case 'modules':
      return checkModules(key, value);
  }
}

function checkNumber(key: KnobKey, row: NumberKnob, value: unknown, limits: RunLimits): number {
  if (typeof value !== 'number' || !Number.isFinite(value)) throw notANumber(key, row, value);
  const [min, max] = knobRange(row, limits);
  const range = rangeText(row, min, max);
  if (row.kind === 'integer' && !Number.isInteger(value)) {
    throw new UserError(key, `${value} is not a whole number`, `give ${range}`);
  }
  if (value < min || (value === min && row.exclusive === 'min')) {
    throw new UserError(key, `${value} is too small`, `give ${range}`);
  }
  if (value > max || (value === max && row.exclusive === 'max')) {
    const problem =
      row.max === 'layers' ? `${value} is more than the model’s ${max} layers` : `${value} is too large`;
    throw new UserError(key, problem, `give ${range}`);
  }
  return value;
}

function rangeText(row: NumberKnob, min: number, max: number): string {
  const noun = row.kind === 'integer' ? 'a whole number' : 'a number';
  if (row.exclusive === 'min') return `${noun} above ${min}, at most ${max}`;
  return `${noun} from ${min} to ${row.exclusive === 'max' ? 'below ' : ''}${max}`;
}

function notANumber(key: KnobKey, row: NumberKnob, value: unknown): UserError {
  const remedy = row.kind === 'integer' ? 'give a whole number' : 'give a number';
  return new UserError(key, `${show(value)} is not a number`, `${remedy}, for example ${row.default}`);
}

function checkChoice(key: KnobKey, choices: Readonly<Record<string, string>>, value: unknown): KnobValue {
  if (typeof value === 'string' && Object.hasOwn(choices, value)) return value as KnobValue;
  const names = Object.keys(choices).join(', ');
  throw new UserError(key, `${show(value)} is not one of its values`, `give one of ${names}`);
}

/** Accepts an array of names, a comma-separated list, or `all-linear`; the result is in forward order. */
function checkModules(key: KnobKey, value: unknown): readonly ModuleName[] {
  const remedy = `give all-linear or some of ${MODULES.join(', ')}`;
  const text = typeof value === 'string' ? value.trim() : undefined;
  if (text === 'all-linear' || text === 'all_linear') return MODULES;
  const names: unknown = text === undefined ? value : text.split(',').map((name) => name.trim());
  if (!Array.isArray(names)) throw new UserError(key, `${show(value)} is not a list of modules`, remedy);
  const unknown: unknown = names.find((name) => !MODULES.some((module) => module === name));
  if (unknown === '' && names.length === 1) throw new UserError(key, 'no module is named', remedy);
  if (unknown !== undefined) throw new UserError(key, `there is no module ${show(unknown)}`, remedy);
  const chosen = MODULES.filter((module) => names.includes(module));
  if (chosen.length === 0) throw new UserError(key, 'no module is named', remedy);
  return chosen;
}

function unknownKnob(key: string): UserError {
  return new UserError(key, 'there is no such setting', `the settings are ${KNOB_KEYS.join(', ')}`);
}

function show(value: unknown): string {
  return typeof value === 'number' ? String(value) : JSON.stringify(value);
}
