import type { StepMetrics } from '../engine/train/metrics';
import { createStore } from 'zustand/vanilla';
import type { Accuracy, Mark } from '../worker/protocol';

/** Columns of a run's log; x is always `step`. The loads of the experts have columns of their own. */
export type Column = Exclude<keyof StepMetrics, 'expert_load'>;

const COLUMNS: readonly Column[] = [
  ...(['step', 'loss', 'learning_rate', 'grad_norm', 'tokens', 'seconds'] as const),
  ...(['router_entropy', 'router_load', 'router_aux_loss', 'router_aux_balanced'] as const),
];

/** Accuracy on the watched questions after a step; step 0 is before training. */
export interface AccuracyPoint extends Accuracy {
  readonly step: number;
}

/** Growing columns of numbers that no store copies: readers take views. */
export class MetricsLog {
  #columns = new Map<Column, Float64Array>(COLUMNS.map((name) => [name, new Float64Array(256)]));
  #expertLoads: Float64Array[] = []; // by expert
  #length = 0;
  #validation: { readonly step: number; readonly loss: number }[] = [];
  #accuracy: readonly AccuracyPoint[] = [];
  #marks: readonly Mark[] = [];

  /** Number of steps logged. */
  get length(): number {
    return this.#length;
  }

  /** Validation losses in the order in which they were measured; step 0 is before training. */
  get validation(): readonly { readonly step: number; readonly loss: number }[] {
    return this.#validation;
  }

  /** Accuracies in the order in which they were measured. A new array whenever there is a new one. */
  get accuracy(): readonly AccuracyPoint[] {
    return this.#accuracy;
  }

  /** What happened to the run, in order. A new array whenever there is a new one. */
  get marks(): readonly Mark[] {
    return this.#marks;
  }

  /** Whether the method has routers, as far as the steps tell; without them their columns hold NaN. */
  get hasRouters(): boolean {
    return this.#length > 0 && !Number.isNaN(this.column('router_load')[0]);
  }

  /** The values of one column so far. A view: valid until the next push. */
  column(name: Column): Float64Array {
    return (this.#columns.get(name) ?? new Float64Array()).subarray(0, this.#length);
  }

  /**
   * The share of the mixing weight that each expert has, a column for each; none without routers, and NaN at steps whose loads
   * were not logged. Views, as those of `column`.
   */
  get expertLoads(): readonly Float64Array[] {
    return this.#expertLoads.map((values) => values.subarray(0, this.#length));
  }

  push(point: StepMetrics): void {
    const at = this.#length;
    for (const [name, values] of this.#columns) this.#columns.set(name, put(values, at, point[name]));
    const loads = point.expert_load ?? [];
    const before = this.#expertLoads;
    this.#expertLoads = Array.from({ length: Math.max(before.length, loads.length) }, (_, expert) =>
      put(before[expert] ?? new Float64Array(256).fill(NaN), at, loads[expert]),
    );
    this.#length += 1;
  }

  pushValidation(step: number, loss: number): void {
    this.#validation.push({ step, loss });
  }

  pushAccuracy(point: AccuracyPoint): void {
    this.#accuracy = [...this.#accuracy, point];
  }

  mark(mark: Mark): void {
    this.#marks = [...this.#marks, mark];
  }

  /** Forgets what came after `step`: a run that resumes from a snapshot repeats those steps. */
  rewind(step: number): void {
    const later = this.column('step').findIndex((value) => value > step);
    if (later >= 0) this.#length = later;
    this.#validation = this.#validation.filter((point) => point.step <= step);
    this.#accuracy = this.#accuracy.filter((point) => point.step <= step);
    this.#marks = this.#marks.filter((mark) => mark.step <= step);
  }

  /** The log as it is now, on its own from here on. */
  copy(): MetricsLog {
    const copy = new MetricsLog();
    for (const [name, values] of this.#columns) copy.#columns.set(name, values.slice());
    copy.#expertLoads = this.#expertLoads.map((values) => values.slice());
    copy.#length = this.#length;
    copy.#validation = [...this.#validation];
    copy.#accuracy = this.#accuracy;
    copy.#marks = this.#marks;
    return copy;
  }

  clear(): void {
    this.#expertLoads = [];
    this.#length = 0;
    this.#validation = [];
    this.#accuracy = [];
    this.#marks = [];
  }
}

/** Sets a value in a column, which grows where it is full: NaN where there is none. */
function put(values: Float64Array, at: number, value = Number.NaN): Float64Array {
  let room = values;
  if (at >= values.length) {
    room = new Float64Array(2 ** Math.ceil(Math.log2(at + 1))).fill(NaN);
    room.set(values);
  }
  room[at] = value;
  return room;
}

/** The log of the run on the page. */
export const metrics = new MetricsLog();

/** Rises when `metrics` has changed, at most ten times a second: charts listen to this and nothing else. */
export const metricsVersion = createStore<{ readonly version: number }>(() => ({ version: 0 }));

const LEAST_INTERVAL = 100; // milliseconds
let lastBump = -Infinity;
let timer: ReturnType<typeof setTimeout> | undefined;

/** Tells the charts of a change: at once where the last time is long enough ago, else when it is. */
export function metricsChanged(): void {
  if (timer !== undefined) return;
  const wait = lastBump + LEAST_INTERVAL - performance.now();
  if (wait <= 0) bump();
  else timer = setTimeout(bump, wait);
}

function bump(): void {
  timer = undefined;
  lastBump = performance.now();
  metricsVersion.setState(({ version }) => ({ version: version + 1 }));
}
