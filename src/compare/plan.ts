import { defaultRunConfig } from '../config/defaults';
import type { RunConfig } from '../config/runConfig';
import { validateRunConfig } from '../config/validate';
import { matchBudget, trainableWeights } from '../engine/adapters/budget';
import type { LlamaConfig } from '../engine';
import { choiceQuestions } from '../scenarios/questions';
import { testItems } from '../scenarios/records';
import { within } from './complaints';
import { stableHash } from './stableHash';
import type { Sweep } from './sweep';

/** What a sweep file only names, as it was found. */
export interface Materials {
  readonly model: { readonly name: string; readonly fingerprint: string; readonly config: LlamaConfig };
  /** Name and content of the training data, and the columns as they were typed. */
  readonly data: { readonly name: string; readonly sha256: string; readonly columns: string | null };
}

/** A configuration with all its settings. */
export interface PlannedConfiguration {
  readonly name: string;
  /** Complete; the seed is that of the first run. */
  readonly settings: RunConfig;
  /** Trainable weights. */
  readonly weights: number;
  /** The same by those of the configuration whose budget is matched; null where none is. */
  readonly budgetRatio: number | null;
}

/** One run: a configuration with a seed. */
export interface PlannedRun {
  /** A readable name and a hash of everything that decides the result; fit for the name of a file. */
  readonly id: string;
  readonly configuration: string;
  readonly seed: number;
  readonly run: RunConfig;
}

/** Everything that a sweep will do, before any of it is done. */
export interface SweepPlan {
  readonly sweep: Sweep;
  readonly materials: Materials;
  readonly configurations: readonly PlannedConfiguration[];
  /** The questions put to the base model, once; undefined where none are asked. */
  readonly base: { readonly id: string } | undefined;
  /** Seed by seed, and in it configuration by configuration: what is compared runs at about the same time. */
  readonly runs: readonly PlannedRun[];
}

/**
 * The runs of a sweep. The same file, model and data always give the same ids, so that a sweep which is started again
 * (or which got more seeds) finds what it has done already.
 *
 * @throws UserError for a setting that is out of range for the model
 */
export async function planSweep(sweep: Sweep, materials: Materials): Promise<SweepPlan> {
  const configurations = planConfigurations(sweep, materials.model.config);
  const { fingerprint } = materials.model;
  const { sha256, columns } = materials.data;
  const questions = await questionsHash(sweep);
  const runs: PlannedRun[] = [];
  for (const seed of sweep.seeds) {
    for (const { name, settings } of configurations) {
      const run = { ...settings, seed };
      const hash = await stableHash({ run, fingerprint, sha256, columns, questions });
      runs.push({ id: `${fileName(name)}-seed${seed}-${hash}`, configuration: name, seed, run });
    }
  }
  const base =
    questions === null ? undefined : { id: `base-${await stableHash({ fingerprint, questions })}` };
  return { sweep, materials, configurations, base, runs };
}

function planConfigurations(sweep: Sweep, model: LlamaConfig): readonly PlannedConfiguration[] {
  const [seed = 0] = sweep.seeds;
  const complete = sweep.configurations.map(({ name, settings }) => {
    const place = `${sweep.file}, configuration ${JSON.stringify(name)}`;
    return { name, place, run: within(place, () => completeSettings({ ...settings, seed }, model)) };
  });
  const target = complete.find(({ name }) => name === sweep.budget);
  if (target === undefined) {
    return complete.map(({ name, run }) => {
      return { name, settings: run, weights: trainableWeights(run, model), budgetRatio: null };
    });
  }
  const budget = trainableWeights(target.run, model);
  return complete.map(({ name, place, run }) => {
    if (name === target.name) return { name, settings: run, weights: budget, budgetRatio: 1 };
    // From the same r on, so that lora_alpha / r stays the same for all that share lora_alpha; it may leave its range.
    const { settings, weights, ratio } = matchBudget(budget, { ...run, r: target.run.r }, model);
    return {
      name,
      settings: within(place, () => completeSettings(settings, model)),
      weights,
      budgetRatio: ratio,
    };
  });
}

/** Defaults do not depend on the machine here: the same file makes the same runs everywhere. */
function completeSettings(
  settings: Readonly<Record<string, unknown>> | RunConfig,
  model: LlamaConfig,
): RunConfig {
  const { layers, maxPositions } = model;
  const max_length = Math.min(defaultRunConfig(layers).max_length, maxPositions);
  return validateRunConfig({ max_length, ...settings }, { layers });
}

/** Changes with any question that is asked; null where none is. */
async function questionsHash({ data, questions }: Sweep): Promise<string | null> {
  if (data.kind === 'file' || questions === undefined) return null;
  return await stableHash(choiceQuestions(testItems(data.scenario, questions)));
}

/** A name as a part of a file's name. */
function fileName(name: string): string {
  return name
    .toLowerCase()
    .replace(/[^a-z0-9_.=]+/g, '-')
    .replace(/^[-.]+|-+$/g, '')
    .slice(0, 60);
}
