import type { RunConfig } from '../config/runConfig';
import type { TaskSummary } from '../engine';
import type { SweepPlan } from './plan';
import type { JobOutcome } from './queue';
import { meanAccuracy, type BaseResult, type RunResult } from './result';
import { paired, pairedDifference, spreadOf, type PairedDifference, type Spread } from './statistics';

/** The figures of a run that are compared, as results name them. */
export const MEASURES = ['final_val_loss', 'best_val_loss', 'final_loss', 'best_loss', 'accuracy'] as const;
export type Measure = (typeof MEASURES)[number];

/** One figure of a configuration over its seeds. */
export interface Comparison {
  /** null where no run has the figure. */
  readonly spread: Spread | null;
  /** To the reference, seed by seed; null for the reference itself and where there are no pairs. */
  readonly difference: PairedDifference | null;
}

export interface TaskComparison extends Comparison {
  readonly id: string;
}

/** What came of one configuration. */
export interface ConfigurationSummary {
  readonly name: string;
  /** Complete, with the first seed. */
  readonly settings: RunConfig;
  readonly trainable_weights: number;
  /** Weights by those of the configuration whose budget is matched; null where none is. */
  readonly budget_ratio: number | null;
  /** null where no run has finished. */
  readonly adapter_bytes: number | null;
  /** Of the finished runs. */
  readonly seeds: readonly number[];
  readonly failures: readonly { readonly seed: number; readonly sentence: string }[];
  readonly measures: Readonly<Record<Measure, Comparison>>;
  /** Shares of right choices. */
  readonly tasks: readonly TaskComparison[];
  readonly seconds_per_step: Spread | null;
  /** Time of a step by that of the reference's run of the same seed on the same GPU. */
  readonly relative_step_time: Spread | null;
}

/** What a sweep says, so far as its runs have finished. */
export interface SweepSummary {
  readonly model: string;
  /** Id of the scenario, or the name of the data file. */
  readonly data: string;
  readonly reference: string;
  readonly seeds: readonly number[];
  readonly finished: number;
  readonly total: number;
  /** Before any training; null where nothing is asked. */
  readonly base: { readonly accuracy: number | null; readonly tasks: readonly TaskSummary[] } | null;
  readonly configurations: readonly ConfigurationSummary[];
  /** Names of the GPUs that the finished runs were made on. */
  readonly gpus: readonly string[];
}

/** What is known of a sweep's jobs, by id. */
export interface Outcomes {
  readonly base: JobOutcome<BaseResult> | undefined;
  readonly runs: ReadonlyMap<string, JobOutcome<RunResult>>;
}

/** The finished runs, in the order of the plan. */
export function finishedRuns(plan: SweepPlan, { runs }: Outcomes): RunResult[] {
  return plan.runs.flatMap(({ id }) => {
    const outcome = runs.get(id);
    return outcome?.status === 'finished' ? [outcome.result] : [];
  });
}

/** Compares the configurations of a sweep, so far as their runs have finished. */
export function summariseSweep(plan: SweepPlan, outcomes: Outcomes): SweepSummary {
  const finished = finishedRuns(plan, outcomes);
  const { sweep, materials, runs } = plan;
  const resultsOf = (name: string) => finished.filter(({ configuration }) => configuration === name);
  const reference = resultsOf(sweep.reference);
  const base = outcomes.base?.status === 'finished' ? outcomes.base.result : undefined;
  const configurations = plan.configurations.map(({ name, settings, weights, budgetRatio }) => {
    const own = resultsOf(name);
    const compare = (figure: Figure): Comparison => ({
      spread: spreadOf([...figures(own, figure).values()]),
      difference:
        name === sweep.reference ? null : pairedDifference(figures(own, figure), figures(reference, figure)),
    });
    return {
      name,
      settings,
      trainable_weights: weights,
      budget_ratio: budgetRatio,
      adapter_bytes: own[0]?.adapter_bytes ?? null,
      seeds: own.map(({ seed }) => seed),
      failures: runs.flatMap(({ id, configuration, seed }) => {
        const outcome = outcomes.runs.get(id);
        if (configuration !== name || outcome?.status !== 'failed') return [];
        return [{ seed, sentence: outcome.sentence }];
      }),
      measures: {
        final_val_loss: compare((run) => run.final_val_loss),
        best_val_loss: compare((run) => run.best_val_loss),
        final_loss: compare((run) => run.final_loss),
        best_loss: compare((run) => run.best_loss),
        accuracy: compare((run) => run.accuracy),
      },
      tasks: taskIds(finished).map((id) => ({
        id,
        ...compare((run) => run.tasks?.find((task) => task.id === id)?.acc ?? null),
      })),
      seconds_per_step: spreadOf(own.map((run) => run.seconds_per_step)),
      relative_step_time: relativeTime(own, reference),
    };
  });
  return {
    model: materials.model.name,
    data: sweep.data.kind === 'scenario' ? sweep.data.scenario.id : materials.data.name,
    reference: sweep.reference,
    seeds: sweep.seeds,
    finished: finished.length,
    total: runs.length,
    base: base === undefined ? null : { accuracy: meanAccuracy(base.tasks), tasks: base.tasks },
    configurations,
    gpus: [...new Set(finished.map(({ gpu }) => gpu.name))],
  };
}

type Figure = (run: RunResult) => number | null;

/** By seed, without the runs that have no such figure. */
function figures(runs: readonly RunResult[], figure: Figure): ReadonlyMap<number, number> {
  return new Map(
    runs.flatMap((run): [number, number][] => {
      const value = figure(run);
      return value === null ? [] : [[run.seed, value]];
    }),
  );
}

function relativeTime(own: readonly RunResult[], reference: readonly RunResult[]): Spread | null {
  const comparable = own.filter(({ seed, gpu }) =>
    reference.some((other) => other.seed === seed && other.gpu.name === gpu.name),
  );
  const times = (runs: readonly RunResult[]) => figures(runs, (run) => run.seconds_per_step);
  return spreadOf(paired(times(comparable), times(reference)).map(([time, other]) => time / other));
}

/** In the order in which they occur. */
function taskIds(runs: readonly RunResult[]): string[] {
  return [...new Set(runs.flatMap(({ tasks }) => tasks ?? []).map(({ id }) => id))];
}
