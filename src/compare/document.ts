import { curveBands } from './curves';
import type { SweepPlan } from './plan';
import { finishedRuns, summariseSweep, type Outcomes } from './summary';

/** What the sweep was made from, beside its plan. */
export interface Provenance {
  /** How it was started. */
  readonly command: string;
  /** Content of the sweep file. */
  readonly file: unknown;
}

/** Everything that a reader needs to judge a sweep and to repeat it: the content of results.json. */
export function sweepDocument(plan: SweepPlan, outcomes: Outcomes, { command, file }: Provenance) {
  const runs = finishedRuns(plan, outcomes);
  const { model, data } = plan.materials;
  return {
    command,
    sweep: file,
    model: { name: model.name, fingerprint: model.fingerprint },
    data,
    questions: plan.sweep.questions ?? null,
    summary: summariseSweep(plan, outcomes),
    base: outcomes.base?.status === 'finished' ? outcomes.base.result : null,
    runs,
    curves: curveBands(runs),
  };
}
