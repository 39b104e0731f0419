import { createStore } from 'zustand/vanilla';
import type { SweepPlan } from '../compare/plan';
import type { Outcomes } from '../compare/summary';
import type { JobEvent } from '../worker/protocol';

/** What can be compared: the four methods, and MASA with a router besides. */
export type Contender = 'lora' | 'masa' | 'masa_router' | 'hydralora' | 'lora_moe';

/** What somebody wants to compare, at the settings of the form. */
export interface SweepChoice {
  /** In the order in which they stand on the page; the first is what the others are compared with. */
  readonly contenders: readonly Contender[];
  /** Runs of each, from the form's seed on. */
  readonly seeds: number;
  /** Whether each r is chosen such that all train about as many weights as the first. */
  readonly match: boolean;
  /** Values of E and S in whose combinations MASA is trained, instead of the form's. */
  readonly grid:
    { readonly num_experts: readonly number[]; readonly group_size: readonly number[] } | undefined;
  /** Held-out questions a task that are asked after each run; 0 for none. */
  readonly questions: number;
}

/** A sweep with all its runs. */
export interface PlannedSweep {
  /** The content of its file, as `masa compare` reads it. */
  readonly file: object;
  readonly plan: SweepPlan;
}

export interface SweepState {
  readonly choice: SweepChoice;
  /** What would be run with the present choice and settings. */
  readonly draft: PlannedSweep | undefined;
  /** Why there is no draft. */
  readonly draftProblem: string | undefined;
  /** The sweep that was started last, in this or an earlier visit. */
  readonly sweep: PlannedSweep | undefined;
  readonly outcomes: Outcomes;
  readonly phase: 'idle' | 'running' | 'stopping';
  /** The job under way. */
  readonly job: Omit<JobEvent, 'type'> | undefined;
  /** When this sitting began, in milliseconds of performance.now, and how many jobs were done then. */
  readonly began: { readonly at: number; readonly done: number } | undefined;
  /** Why it cannot go on. */
  readonly problem: string | undefined;
}

export const NO_SWEEP: SweepState = {
  choice: {
    contenders: ['lora', 'masa', 'hydralora', 'lora_moe'],
    seeds: 3,
    match: true,
    grid: undefined,
    questions: 50,
  },
  draft: undefined,
  draftProblem: undefined,
  sweep: undefined,
  outcomes: { base: undefined, runs: new Map() },
  phase: 'idle',
  job: undefined,
  began: undefined,
  problem: undefined,
};

export const sweepStore = createStore<SweepState>(() => NO_SWEEP);

/** Whether a comparison holds the GPU. */
export function isSweeping({ phase }: Pick<SweepState, 'phase'>): boolean {
  return phase !== 'idle';
}

/** Why nothing else can be done meanwhile; undefined where no comparison is running. */
export function sweepObstacle(state: Pick<SweepState, 'phase'> = sweepStore.getState()): string | undefined {
  return isSweeping(state) ? 'A comparison is running; stop it first.' : undefined;
}
