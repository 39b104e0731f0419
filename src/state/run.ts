import { createStore } from 'zustand/vanilla';
import type { RunConfig } from '../config/runConfig';
import { unreachable, type PreparedInfo, type RunEvent } from '../worker/protocol';

/** Where the run on the page stands. `asked` is what will happen after the step now under way. */
export type RunStatus =
  | { readonly phase: 'idle' }
  | { readonly phase: 'loading'; readonly done: number; readonly total: number }
  | {
      readonly phase: 'compiling';
      readonly done: number;
      readonly total: number;
      readonly kernel?: string;
    }
  | {
      readonly phase: 'running';
      readonly step: number;
      readonly asked?: 'pause' | 'stop';
      /** How many answers have been weighed, while held-out questions are asked. */
      readonly asking?: { readonly done: number; readonly total: number };
    }
  | { readonly phase: 'paused'; readonly step: number }
  | { readonly phase: 'done'; readonly step: number; readonly stopped: boolean }
  | { readonly phase: 'failed'; readonly message: string; readonly resumable: number | undefined };

/** A continuation of the prompt by the model as it was after `step` steps. */
export interface Sample {
  readonly step: number;
  readonly prompt: string;
  readonly text: string;
  readonly complete: boolean;
}

export interface RunState {
  /** 0 until the first run. */
  readonly runId: number;
  readonly status: RunStatus;
  /** Under which id the browser keeps the run; undefined before the first one. */
  readonly id: string | undefined;
  /** Whether the worker has it; else it is only shown, as it was kept. */
  readonly held: boolean;
  /** Settings that the run was started with. */
  readonly settings: RunConfig | undefined;
  /** Id of the scenario that it learns, where the data is from one. */
  readonly scenario: string | undefined;
  readonly prepared: PreparedInfo | undefined;
  readonly prompt: string;
  readonly before: Sample | undefined;
  readonly after: Sample | undefined;
  /** Why the last wish for a sample was not granted. */
  readonly sampleProblem: string | undefined;
  readonly exporting: 'no' | 'yes';
  /** What to type to use the file that was exported last. */
  readonly usage: string | undefined;
  /** The file that was exported last; its size is in bytes. */
  readonly exported: { readonly name: string; readonly size: number } | undefined;
  readonly exportProblem: string | undefined;
}

export const NO_RUN: RunState = {
  runId: 0,
  status: { phase: 'idle' },
  id: undefined,
  held: false,
  settings: undefined,
  scenario: undefined,
  prepared: undefined,
  prompt: '',
  before: undefined,
  after: undefined,
  sampleProblem: undefined,
  exporting: 'no',
  usage: undefined,
  exported: undefined,
  exportProblem: undefined,
};

export const runStore = createStore<RunState>(() => NO_RUN);

/** Whether a run holds the GPU or waits to go on. */
export function isActive(status: RunStatus): boolean {
  return status.phase !== 'idle' && status.phase !== 'done' && status.phase !== 'failed';
}

/** Whether the run on the page is only shown, as it was kept: then nothing can be asked of its adapter. */
export function isOnlyShown({ id, held, status }: Pick<RunState, 'id' | 'held' | 'status'>): boolean {
  return id !== undefined && !held && !isActive(status) && status.phase !== 'idle';
}

/** The status after an event. Pure; metrics and samples are kept elsewhere. */
export function nextStatus(status: RunStatus, event: RunEvent): RunStatus {
  switch (event.type) {
    case 'loading':
      return { phase: 'loading', done: event.done, total: event.total };
    case 'compiling': {
      const { done, total, kernel } = event;
      return { phase: 'compiling', done, total, ...(kernel === undefined ? {} : { kernel }) };
    }
    case 'running':
    case 'paused':
      return { phase: event.type, step: event.step };
    case 'step':
      return status.phase === 'running' ? { ...status, step: event.point.step } : status;
    case 'asking':
      if (status.phase !== 'running') return status;
      return { ...status, asking: { done: event.done, total: event.total } };
    case 'accuracy':
      return status.phase === 'running' ? withoutAsking(status) : status;
    case 'job':
    case 'chatStage':
    case 'chatText':
    case 'prepared':
    case 'evaluating':
    case 'looking':
    case 'validation':
    case 'sample':
    case 'mark':
    case 'kept':
    case 'unkept':
      return status;
    case 'done':
      return { phase: 'done', step: event.step, stopped: event.stopped };
    case 'failed':
      return { phase: 'failed', message: event.message, resumable: event.resumable };
    default:
      return unreachable(event);
  }
}

function withoutAsking({ phase, step, asked }: Extract<RunStatus, { phase: 'running' }>): RunStatus {
  return { phase, step, ...(asked === undefined ? {} : { asked }) };
}
