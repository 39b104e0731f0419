import type { RunConfig } from '../config/runConfig';
import type { SpecialDomain } from '../world/domains/specialDomain';
import type { Task } from '../world/item';

/** The checkpoints that come with the project, by folder name. */
export type BundledModel = 'world-small' | 'world';

/**
 * One thing worth training: data without end, the questions that show what was learnt, and settings that learn it.
 * The page, the command and the tests read the same row.
 */
export interface Scenario {
  /** Snake case; what `--scenario` takes. */
  readonly id: string;
  /** One line for people: what is learnt. */
  readonly title: string;
  readonly kind: 'single_domain' | 'multi_domain' | 'multi_task';
  /** Whose questions are learnt and asked. */
  readonly tasks: readonly Task[];
  /** Whose documents are learnt beside the questions. */
  readonly documents: readonly SpecialDomain[];
  /** Difficulty of the questions; every task has it. */
  readonly level: number;
  /** The checkpoint that it starts from, unless another is chosen. */
  readonly model: BundledModel;
  /** What it sets; the defaults of the knob table stand for the rest. */
  readonly settings: Partial<RunConfig>;
  /** Training records in all, shared evenly among tasks and documents. */
  readonly records: number;
  /** Test questions a task. */
  readonly heldOut: number;
  /** Test questions a task, the first of them, that are asked now and then during a run. */
  readonly watched: number;
  /** What came of it with these settings; undefined where it has not been measured. */
  readonly expected: ExpectedResult | undefined;
}

/** The result of a scenario with all its defaults, as measured once. */
export interface ExpectedResult {
  /** The adapter, in words. */
  readonly gpu: string;
  readonly steps: number;
  readonly tasks: readonly ExpectedTask[];
}

/** Accuracies of the multiple-choice form on all test questions of a task. */
export interface ExpectedTask {
  readonly id: string;
  readonly chance: number;
  /** Before the training. */
  readonly base: number;
  /** After it, with its 95 % interval. */
  readonly acc: number;
  readonly ci: readonly [lo: number, hi: number];
}
