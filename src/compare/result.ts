import type { RunConfig } from '../config/runConfig';
import type { KernelChoice, TaskSummary } from '../engine';

/** On what something was computed; times can be compared, and bits expected to be equal, on the same one only. */
export interface Machine {
  readonly gpu: { readonly name: string; readonly vendor: string; readonly architecture: string };
  readonly versions: Readonly<Record<string, string>>;
}

/** Answers of the base model, before any training. */
export interface BaseResult extends Machine {
  readonly tasks: readonly TaskSummary[];
}

/** A logged step. Losses in nats; val_loss where it was measured. */
export interface CurvePoint {
  readonly step: number;
  readonly loss?: number;
  readonly val_loss?: number;
}

/** What came of one run. Losses in nats; null where nothing was held out or asked. */
export interface RunResult extends Machine {
  readonly id: string;
  readonly configuration: string;
  readonly seed: number;
  readonly settings: RunConfig;
  readonly kernels: KernelChoice;
  readonly trainable_weights: number;
  /** Of the native adapter file. */
  readonly adapter_bytes: number;
  readonly steps: number;
  /** Mean training loss of the last max(1, 10 %) steps. */
  readonly final_loss: number;
  /** Least training loss of a logged step. */
  readonly best_loss: number;
  readonly final_val_loss: number | null;
  readonly best_val_loss: number | null;
  /** Mean over the tasks of the share of right choices. */
  readonly accuracy: number | null;
  readonly tasks: readonly TaskSummary[] | null;
  readonly curve: readonly CurvePoint[];
  /** Median over the steps. */
  readonly seconds_per_step: number;
}

/** What a finished training gives for its result. */
export interface StepRecord extends CurvePoint {
  readonly seconds?: number;
}

/**
 * The figures that a run's steps give. A step may have several records, for example one for its checks.
 *
 * @param loggingSteps every how many steps the curve has a point
 */
export function figuresOf(records: readonly StepRecord[], loggingSteps: number) {
  const losses = records.flatMap(({ loss }) => (loss === undefined ? [] : [loss]));
  const validations = records.flatMap(({ val_loss }) => (val_loss === undefined ? [] : [val_loss]));
  const last = losses.slice(-Math.max(1, Math.floor(losses.length / 10)));
  const curve = curveOf(records, loggingSteps);
  return {
    steps: records.at(-1)?.step ?? 0,
    final_loss: last.reduce((sum, loss) => sum + loss, 0) / last.length,
    best_loss: Math.min(...curve.flatMap(({ loss }) => (loss === undefined ? [] : [loss]))),
    final_val_loss: validations.at(-1) ?? null,
    best_val_loss: validations.length === 0 ? null : Math.min(...validations),
    curve,
    seconds_per_step: median(records.flatMap(({ seconds }) => (seconds === undefined ? [] : [seconds]))),
  };
}

/** Mean over the tasks, each counted the same; null where nothing was asked. */
export function meanAccuracy(tasks: readonly TaskSummary[] | null): number | null {
  if (tasks === null || tasks.length === 0) return null;
  return tasks.reduce((sum, { acc }) => sum + acc, 0) / tasks.length;
}

/** Training losses of every loggingSteps-th step and the last, and every validation loss. */
function curveOf(records: readonly StepRecord[], loggingSteps: number): CurvePoint[] {
  const final = records.at(-1)?.step;
  const points = new Map<number, CurvePoint>();
  for (const { step, loss, val_loss } of records) {
    const logged = loss !== undefined && (step % loggingSteps === 0 || step === final);
    if (!logged && val_loss === undefined) continue;
    points.set(step, {
      step,
      ...points.get(step),
      ...(logged ? { loss } : {}),
      ...(val_loss === undefined ? {} : { val_loss }),
    });
  }
  return [...points.values()];
}

function median(values: readonly number[]): number {
  const order = values.toSorted((a, b) => a - b);
  const middle = order.length / 2;
  const upper = order[Math.floor(middle)] ?? Number.NaN;
  const lower = order[Math.ceil(middle) - 1] ?? Number.NaN;
  return (lower + upper) / 2;
}
