/** Something to be timed. */
export interface Subject {
  readonly name: string;
  /** Submits its work so many times; a promise is waited for, and then the GPU. */
  readonly run: (times: number) => undefined | Promise<unknown>;
}

/** A figure from repeats: out of the best of them, and their median. */
export interface Figure {
  readonly best: number;
  readonly median: number;
}

/** Seconds of one run of each subject, one a round, by the subject's name. */
export type Timings = ReadonlyMap<string, readonly number[]>;

export interface TimingOptions {
  /** Repeats of every subject. */
  readonly rounds: number;
  /** Told before a round begins. */
  readonly onRound?: ((round: number) => void) | undefined;
  /** Stops between two subjects. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Seconds of one repeat: long beside the coarsest clock (browsers round to 0.1 ms) and beside what a submit and a wait
 * cost, and about the same for all subjects, because on a machine that does other things too a short repeat finds a
 * quiet moment sooner than a long one; but no longer than the most, where single runs of some are longer.
 */
const BATCH_SECONDS = { least: 0.025, most: 0.2 } as const;
/** Seconds for which the processor's clock is warmed before anything counts. */
const WARM_UP_SECONDS = 0.5;
const MOST_TIMES = 4096;

/**
 * Times several things against each other: each is repeated in batches that are long enough for the clock, the
 * batches of all of them take turns, so that a slow moment hits all, and the GPU is waited for in the same way after
 * each. Everything runs inside error scopes, because invalid work does nothing and looks fast.
 *
 * @throws Error when the GPU refused anything
 */
export async function timeTogether(
  device: GPUDevice,
  subjects: readonly Subject[],
  { rounds, onRound, signal }: TimingOptions,
): Promise<Timings> {
  return await guarded(device, async () => {
    const seconds = async ({ run }: Subject, times: number): Promise<number> => {
      signal?.throwIfAborted();
      const start = performance.now();
      await run(times);
      await device.queue.onSubmittedWorkDone();
      return (performance.now() - start) / 1000;
    };
    onRound?.(0);
    const once = [];
    for (const subject of subjects) {
      await seconds(subject, 1); // drivers compile at the first launch
      once.push(await seconds(subject, 1));
    }
    const { least, most } = BATCH_SECONDS;
    const length = Math.min(Math.max(least, ...once), most);
    const runners: { readonly subject: Subject; readonly times: number; readonly taken: number[] }[] = [];
    for (const subject of subjects) {
      let times = 1;
      for (;;) {
        const taken = await seconds(subject, times);
        if (taken >= length || times >= MOST_TIMES) break;
        times = Math.min(Math.ceil(times * Math.min(Math.max(1.2, length / taken), 4)), MOST_TIMES);
      }
      runners.push({ subject, times, taken: [] });
    }
    const started = performance.now();
    for (let i = 0; runners.length > 0 && performance.now() - started < WARM_UP_SECONDS * 1000; i++) {
      const runner = runners[i % runners.length];
      if (runner !== undefined) await seconds(runner.subject, runner.times);
    }
    for (let round = 1; round <= rounds; round++) {
      onRound?.(round);
      for (const { subject, times, taken } of runners) taken.push((await seconds(subject, times)) / times);
    }
    return new Map(runners.map(({ subject, taken }) => [subject.name, taken]));
  });
}

/**
 * Runs `body` and waits for the GPU inside scopes for validation errors and for lack of memory.
 *
 * @throws Error with the first error that the GPU reported
 */
export async function guarded<T>(device: GPUDevice, body: () => Promise<T>): Promise<T> {
  device.pushErrorScope('out-of-memory');
  device.pushErrorScope('validation');
  const errors = async () => [await device.popErrorScope(), await device.popErrorScope()];
  try {
    const result = await body();
    await device.queue.onSubmittedWorkDone();
    const [error] = (await errors()).filter((found) => found !== null);
    if (error !== undefined) throw new GpuFailure(error.message);
    return result;
  } catch (error) {
    if (!(error instanceof GpuFailure)) await errors();
    throw error;
  }
}

class GpuFailure extends Error {
  constructor(message: string) {
    super(`the GPU refused a part of the benchmark: ${message}`);
    this.name = 'GpuFailure';
  }
}

/** Best and median of some times. */
export function figure(times: readonly number[]): Figure {
  return { best: Math.min(...times), median: median(times) };
}

/**
 * Time of one thing in times of another: of the best of both, and the median of the rounds' ratios, in which both
 * had the same moment.
 */
export function ratio(timings: Timings, of: string, to: string): Figure {
  const [upper, lower] = [timesOf(timings, of), timesOf(timings, to)];
  return {
    best: Math.min(...upper) / Math.min(...lower),
    median: median(upper.map((time, round) => time / (lower[round] ?? Number.NaN))),
  };
}

/** A figure computed from those of a subject's times. */
export function fromTime(timings: Timings, name: string, compute: (seconds: number) => number): Figure {
  const { best, median: middle } = figure(timesOf(timings, name));
  return { best: compute(best), median: compute(middle) };
}

/** What was measured of one subject. */
export function timesOf(timings: Timings, name: string): readonly number[] {
  const found = timings.get(name);
  if (found === undefined) throw new Error(`${name} was not timed`);
  return found;
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  return ((sorted[Math.floor(middle)] ?? Number.NaN) + (sorted[Math.ceil(middle)] ?? Number.NaN)) / 2;
}
