/** What became of a job. */
export type JobOutcome<Result> =
  | { readonly status: 'finished'; readonly result: Result }
  /** `sentence` says why, for a reader. */
  | { readonly status: 'failed'; readonly sentence: string };

/** Where outcomes are kept: a folder, a browser's storage, or memory. */
export interface JobStore<Result> {
  /** undefined where there is none yet, or none that can be used. */
  read(id: string): Promise<JobOutcome<Result> | undefined>;
  /** The outcome is kept for good when the promise resolves. */
  write(id: string, outcome: JobOutcome<Result>): Promise<void>;
}

/** What a queue says on its way; `index` counts from 0. */
export interface QueueEvent<Job> {
  /** `kept`: it was finished before. */
  readonly type: 'kept' | 'started' | 'finished' | 'failed';
  readonly job: Job;
  readonly index: number;
  readonly total: number;
  /** Why it failed. */
  readonly sentence?: string;
}

export interface QueueOptions<Job, Result> {
  readonly store: JobStore<Result>;
  /** Does one job, or goes on with one that was begun before; throws when `signal` stops it. */
  readonly execute: (job: Job) => Promise<Result>;
  /** Stops the queue: the job under way is not finished then, and nothing is written about it. */
  readonly signal: AbortSignal;
  readonly onEvent: (event: QueueEvent<Job>) => void;
}

/**
 * Does jobs one after the other and keeps each outcome at once. Started again it leaves out what is finished and
 * tries again what failed. A job that fails does not stop the others. Returns the outcomes by id, in the order of the
 * jobs; after a stop only of those that were done.
 */
export async function runQueue<Job extends { readonly id: string }, Result>(
  jobs: readonly Job[],
  { store, execute, signal, onEvent }: QueueOptions<Job, Result>,
): Promise<ReadonlyMap<string, JobOutcome<Result>>> {
  const outcomes = new Map<string, JobOutcome<Result>>();
  const total = jobs.length;
  const stopped = () => signal.aborted;
  for (const [index, job] of jobs.entries()) {
    const kept = await store.read(job.id);
    if (kept?.status === 'finished') {
      outcomes.set(job.id, kept);
      onEvent({ type: 'kept', job, index, total });
      continue;
    }
    if (stopped()) continue;
    onEvent({ type: 'started', job, index, total });
    const outcome = await attempt(() => execute(job));
    // What a stop cut short is no failure.
    if (outcome.status === 'failed' && stopped()) continue;
    await store.write(job.id, outcome);
    outcomes.set(job.id, outcome);
    if (outcome.status === 'finished') onEvent({ type: 'finished', job, index, total });
    else onEvent({ type: 'failed', job, index, total, sentence: outcome.sentence });
  }
  return outcomes;
}

async function attempt<Result>(work: () => Promise<Result>): Promise<JobOutcome<Result>> {
  try {
    return { status: 'finished', result: await work() };
  } catch (error) {
    return { status: 'failed', sentence: error instanceof Error ? error.message : String(error) };
  }
}
