import type { SweepState } from './sweep';

/** How far a sweep is. */
export interface SweepProgress {
  readonly finished: number;
  readonly total: number;
  /** In [0, 1], the run under way included. */
  readonly share: number;
  /** undefined while too little is done to tell. */
  readonly secondsLeft: number | undefined;
}

/** Share of a run's time that its steps take, where it asks questions afterwards: a rough guess, only for the bar. */
const STEPS = 0.8;
/** Of a run: less says nothing about the time left. */
const LEAST = 0.1;

/** Where the shown sweep stands; the time left follows from the runs of this sitting. */
export function sweepProgress(
  { sweep, outcomes, job, began }: Pick<SweepState, 'sweep' | 'outcomes' | 'job' | 'began'>,
  now: number,
): SweepProgress {
  const runs = sweep?.plan.runs ?? [];
  const total = runs.length;
  const settled = runs.filter(({ id }) => outcomes.runs.has(id)).length;
  const finished = runs.filter(({ id }) => outcomes.runs.get(id)?.status === 'finished').length;
  const isRun = runs.some(({ id }) => id === job?.id && !outcomes.runs.has(id));
  const done = settled + (isRun && job !== undefined ? jobShare(job, sweep?.plan.base !== undefined) : 0);
  const here = began === undefined ? 0 : done - began.done;
  const left =
    began === undefined || here < LEAST ? undefined : ((now - began.at) / 1000 / here) * (total - done);
  return { finished, total, share: total === 0 ? 0 : done / total, secondsLeft: left };
}

/** How much of its run a job has done. */
export function jobShare({ stage, done, total }: NonNullable<SweepState['job']>, isAsked: boolean): number {
  const share = total === 0 ? 0 : done / total;
  const steps = isAsked ? STEPS : 1;
  if (stage === 'training') return share * steps;
  return stage === 'asking' ? steps + share * (1 - steps) : 0;
}
