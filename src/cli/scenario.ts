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
  const scenario = findScenario(id);
  if (scenario === undefined) {
    const ids = SCENARIOS.map((row) => row.id).join(', ');
    throw new UserError('--scenario', `there is no scenario ${JSON.stringify(id)}`, `give one of ${ids}`);
  }
  for (const key of ['data', 'columns']) {
    if (flags.optional(key) === undefined) continue;
    throw new UserError(`--${key}`, 'a scenario brings its own data', 'give --scenario or --data, not both');
  }
  return scenario;
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
