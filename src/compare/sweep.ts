import { UserError } from '../config/errors';
import { isKnobKey } from '../config/knobs';
import type { Scenario } from '../scenarios/scenario';
import { findScenario, SCENARIOS } from '../scenarios/table';
import { complaints, isObject, requireSetting, type Complain, type Json } from './complaints';
import { expandConfigurations, type Configuration } from './configurations';

/** A sweep as its file describes it, checked, with every grid taken apart; no model has been looked at. */
export interface Sweep {
  /** As the user wrote it: the subject of every complaint. */
  readonly file: string;
  readonly data: SweepData;
  /** Name of a bundled checkpoint or a path, as written; undefined for that of the scenario. */
  readonly model: string | undefined;
  /** In the order of the file. */
  readonly configurations: readonly Configuration[];
  readonly seeds: readonly number[];
  /** Name of the configuration that the others are compared with. */
  readonly reference: string;
  /** Name of the configuration whose trainable weights the others come close to; undefined where none is matched. */
  readonly budget: string | undefined;
  /** How many held-out questions a task are asked; undefined where none is. */
  readonly questions: number | undefined;
}

/** What is learnt from: a scenario, or a file under a path as written. */
export type SweepData =
  | { readonly kind: 'scenario'; readonly scenario: Scenario }
  | { readonly kind: 'file'; readonly path: string; readonly columns: string | undefined };

const FIELDS = [
  ...['scenario', 'data', 'columns', 'model', 'settings', 'configurations', 'seeds'],
  ...['reference', 'match_budget', 'evaluation'],
];

/**
 * Reads a sweep file (see docs/sweeps.md for its form). Whether the values of settings are in range depends on the
 * model and is checked by planSweep.
 *
 * @param file what the user calls it
 * @param json its content, parsed
 * @throws UserError naming the file and the field, for anything that is missing, unknown or of another form
 */
export function parseSweep(file: string, json: unknown): Sweep {
  const complain = complaints(file);
  if (!isObject(json))
    throw new UserError(file, 'it holds no JSON object', 'see docs/sweeps.md for its form');
  for (const key of Object.keys(json)) {
    if (FIELDS.includes(key)) continue;
    const remedy = isKnobKey(key) ? 'put it into "settings"' : `the fields are ${FIELDS.join(', ')}`;
    throw complain(key, isKnobKey(key) ? 'this is a setting' : 'there is no such field', remedy);
  }
  const data = readSource(json, complain);
  const scenario = data.kind === 'scenario' ? data.scenario : undefined;
  const model = readText(json, 'model', complain);
  if (model === undefined && scenario === undefined) {
    throw complain('model', 'it is missing', 'give the checkpoint that learns from "data"');
  }
  const shared = readSettings(json, complain);
  const base = { ...scenario?.settings, ...shared };
  const configurations = expandConfigurations(json['configurations'], base, complain);
  const reference = readName(json, 'reference', configurations, complain);
  return {
    file,
    data,
    model,
    configurations,
    seeds: readSeeds(json['seeds'], complain),
    reference,
    budget: readBudget(json, configurations, reference, complain),
    questions: readEvaluation(json['evaluation'], scenario, complain),
  };
}

function readText(json: Json, key: string, complain: Complain): string | undefined {
  const value = json[key];
  if (value === undefined) return undefined;
  if (typeof value === 'string' && value.trim() !== '') return value;
  throw complain(key, `${JSON.stringify(value)} is not a text`, 'give one in quotes');
}

function readSource(json: Json, complain: Complain): SweepData {
  const id = readText(json, 'scenario', complain);
  const path = readText(json, 'data', complain);
  const columns = readText(json, 'columns', complain);
  if (id === undefined) {
    if (path === undefined)
      throw complain('scenario', 'it is missing', 'give a scenario, or "data" and "model"');
    return { kind: 'file', path, columns };
  }
  if (path !== undefined || columns !== undefined) {
    const field = path === undefined ? 'columns' : 'data';
    throw complain(field, 'a scenario brings its own data', 'give "scenario" or "data", not both');
  }
  const scenario = findScenario(id);
  if (scenario !== undefined) return { kind: 'scenario', scenario };
  const ids = SCENARIOS.map((row) => row.id).join(', ');
  throw complain('scenario', `there is no scenario ${JSON.stringify(id)}`, `give one of ${ids}`);
}

/** The settings that all configurations share; one value each. */
function readSettings(json: Json, complain: Complain): Json {
  const settings = json['settings'] ?? {};
  if (!isObject(settings)) {
    throw complain('settings', 'this is not an object', 'give settings by name, such as {"max_steps": 100}');
  }
  for (const [key, value] of Object.entries(settings)) {
    requireSetting(`settings, ${key}`, key, complain);
    if (key === 'target_modules' || !Array.isArray(value)) continue;
    const remedy = 'put the list into one of "configurations", where it makes a grid';
    throw complain(`settings, ${key}`, 'all configurations share one value', remedy);
  }
  return settings;
}

function readSeeds(value: unknown, complain: Complain): readonly number[] {
  const remedy = 'give whole numbers, each once, such as [1, 2, 3]';
  if (value === undefined) throw complain('seeds', 'it is missing', remedy);
  if (!Array.isArray(value) || value.length === 0) throw complain('seeds', 'this is not a list', remedy);
  const seeds: unknown[] = value;
  for (const seed of seeds) {
    if (typeof seed === 'number' && Number.isInteger(seed) && seed >= 0 && seed <= 4_294_967_295) continue;
    throw complain('seeds', `${JSON.stringify(seed)} cannot be a seed`, remedy);
  }
  if (new Set(seeds).size < seeds.length) throw complain('seeds', 'one of them stands there twice', remedy);
  return seeds as number[];
}

/** The name in `key`; the first configuration's where the field is missing. */
function readName(
  json: Json,
  key: string,
  configurations: readonly Configuration[],
  complain: Complain,
): string {
  const name = readText(json, key, complain) ?? configurations[0]?.name ?? '';
  if (configurations.some((configuration) => configuration.name === name)) return name;
  const names = configurations.map((configuration) => JSON.stringify(configuration.name)).join(', ');
  throw complain(key, `there is no configuration ${JSON.stringify(name)}`, `give one of ${names}`);
}

function readBudget(
  json: Json,
  configurations: readonly Configuration[],
  reference: string,
  complain: Complain,
): string | undefined {
  const wish = json['match_budget'] ?? false;
  if (wish === false) return undefined;
  if (wish !== true && typeof wish !== 'string') {
    throw complain(
      'match_budget',
      `${JSON.stringify(wish)} is no configuration`,
      'give true or the name of one',
    );
  }
  const budget = wish === true ? reference : readName(json, 'match_budget', configurations, complain);
  const own = configurations.find(({ name, chosen }) => name !== budget && chosen.includes('r'));
  if (own !== undefined) {
    const problem = `the r of ${JSON.stringify(own.name)} is chosen by "match_budget"`;
    throw complain('configurations', problem, `leave r out there, or leave out "match_budget"`);
  }
  return budget;
}

function readEvaluation(
  value: unknown,
  scenario: Scenario | undefined,
  complain: Complain,
): number | undefined {
  const wanted = value ?? scenario !== undefined;
  if (wanted === false) return undefined;
  if (scenario === undefined) {
    throw complain('evaluation', 'only scenarios have questions', 'leave it out, or give a scenario');
  }
  if (wanted === true) return scenario.heldOut;
  if (!isObject(wanted)) {
    throw complain(
      'evaluation',
      'it is neither true, false nor an object',
      'give {"limit": 50} or leave it out',
    );
  }
  const other = Object.keys(wanted).find((key) => key !== 'limit');
  if (other !== undefined) {
    throw complain(`evaluation, ${other}`, 'there is no such field', 'the only field is limit');
  }
  const limit = wanted['limit'] ?? scenario.heldOut;
  if (typeof limit === 'number' && Number.isInteger(limit) && limit >= 1 && limit <= scenario.heldOut) {
    return limit;
  }
  const remedy = `give a whole number of questions a task, 1 to ${scenario.heldOut}`;
  throw complain('evaluation, limit', `${JSON.stringify(limit)} cannot be used`, remedy);
}
