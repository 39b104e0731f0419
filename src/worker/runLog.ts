import type { StepMetrics } from '../engine/train/trainer';

/** What is measured now and then during a run, as `masa train` logs it. */
export interface Checks {
  /** On the validation part, in nats. */
  readonly val_loss?: number;
  /** Share of right choices on the watched questions of a scenario. */
  readonly acc?: number;
  /** The same of each task. */
  readonly acc_by_task?: Readonly<Record<string, number>>;
}

/** One line of metrics.jsonl: a step, with what was checked after it; step 0 has checks only. */
export type LogLine = Partial<StepMetrics> & Checks & { readonly step: number };

/** The lines of a run's metrics.jsonl, in order of steps. */
export class RunLog {
  #lines: LogLine[];

  /** @param lines of before, where a run goes on */
  constructor(lines: readonly LogLine[] = []) {
    this.#lines = [...lines];
  }

  get lines(): readonly LogLine[] {
    return this.#lines;
  }

  push(point: StepMetrics): void {
    this.#lines.push(point);
  }

  /** Notes what was checked after the latest step, `step`, or before the first. */
  check(step: number, checks: Checks): void {
    const line = this.#lines.at(-1)?.step === step ? this.#lines.pop() : undefined;
    this.#lines.push({ ...line, step, ...checks });
  }

  /** Forgets what came after `step`: a run that goes on from a snapshot repeats those steps. */
  rewind(step: number): void {
    this.#lines = this.#lines.filter((line) => line.step <= step);
  }
}
