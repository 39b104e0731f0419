import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { UserError } from '../config/errors';
import { memorySource, type ByteSource } from '../engine/formats/byteSource';
import { trainingRecords } from '../scenarios/records';
import type { BundledModel, Scenario } from '../scenarios/scenario';
import { findScenario, SCENARIOS } from '../scenarios/table';
import type { Flags } from './flags';

/** The scenario of `--scenario`; undefined where the flag is not given. It brings its own data. */
export function scenarioOf(flags: Flags): Scenario | undefined {
  const id = flags.optional('scenario');
  if (id === undefined) return undefined;
  const scenario = scenarioById(id);
  for (const key of ['data', 'columns']) {
    if (flags.optional(key) === undefined) continue;
    throw new UserError(`--${key}`, 'a scenario brings its own data', 'give --scenario or --data, not both');
  }
  return scenario;
}

/** The scenario of an id that somebody typed behind `flag`. */
export function scenarioById(id: string, flag = '--scenario'): Scenario {
  const scenario = findScenario(id);
  if (scenario !== undefined) return scenario;
  const ids = SCENARIOS.map((row) => row.id).join(', ');
  throw new UserError(flag, `there is no scenario ${JSON.stringify(id)}`, `give one of ${ids}`);
}

/** The training records of a scenario as a file, which exists in memory only. */
export function trainingSource(scenario: Scenario): ByteSource {
  return recordsSource(scenario, trainingRecords(scenario));
}

/** JSON Lines of a scenario as a file of its name. */
export function recordsSource({ id }: Scenario, lines: string): ByteSource {
  return memorySource(id, new TextEncoder().encode(lines));
}

/**
 * Folder of a checkpoint that comes with the project: in `public/models` of the first folder, upwards from this
 * module, that has it, wherever the command was built to and started from.
 */
export function bundledModel(name: BundledModel): string {
  for (let folder = import.meta.dirname; ; folder = dirname(folder)) {
    const path = join(folder, 'public', 'models', name);
    if (existsSync(path)) return path;
    if (folder === dirname(folder)) {
      throw new UserError(name, 'this bundled model is missing', 'install the project again or give --model');
    }
  }
}
