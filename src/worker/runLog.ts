import type { Checks, LogLine, StepMetrics } from '../engine/train/metrics';

export type { LogLine } from '../engine/train/metrics';

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
