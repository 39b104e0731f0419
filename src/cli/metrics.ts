import type { LogLine } from '../engine';

/** One line of metrics.jsonl. */
export type Point = LogLine;

/** What came of a run, as `train --json` prints it. Losses in nats; null where nothing was held out. */
export interface Results {
  /** Optimiser steps done. */
  readonly steps: number;
  /** Mean training loss of the first max(1, 10 %) steps. */
  readonly first_loss: number | null;
  /** The same of the last. */
  readonly last_loss: number | null;
  /** Before the first step. */
  readonly first_val_loss: number | null;
  /** After the last step, on the same held-out part. */
  readonly last_val_loss: number | null;
  /** Share of right choices on a scenario's watched questions, before the first step and after the last. */
  readonly first_acc: number | null;
  readonly last_acc: number | null;
  readonly trainable_parameters: number;
  /** Tokens that counted in the loss, by the time that the steps took. */
  readonly tokens_per_second: number | null;
  readonly out: string;
}

/** Whether a parsed line is one of ours. */
export function isPoint(value: unknown): value is Point {
  return (
    typeof value === 'object' &&
    value !== null &&
    'step' in value &&
    Object.entries(value).every(([key, field]) => {
      if (key === 'acc_by_task') return isNumbers(field);
      return key === 'expert_load' ? Array.isArray(field) && isNumbers(field) : typeof field === 'number';
    })
  );
}

/** Whether all that is in an object or a list is numbers. */
function isNumbers(value: unknown): boolean {
  return (
    typeof value === 'object' &&
    value !== null &&
    Object.values(value).every((field) => typeof field === 'number')
  );
}

/** Sums a run up. */
export function summarise(points: readonly Point[], trainableParameters: number, out: string): Results {
  const losses = points.map(({ loss }) => loss).filter((loss) => loss !== undefined);
  const edge = Math.max(1, Math.floor(losses.length / 10));
  const seconds = sum(points.map((point) => point.seconds ?? 0));
  const last = points.at(-1);
  return {
    steps: last?.step ?? 0,
    first_loss: mean(losses.slice(0, edge)),
    last_loss: mean(losses.slice(-edge)),
    first_val_loss: points.find(({ step }) => step === 0)?.val_loss ?? null,
    last_val_loss: last?.val_loss ?? null,
    first_acc: points.find(({ step }) => step === 0)?.acc ?? null,
    last_acc: last?.acc ?? null,
    trainable_parameters: trainableParameters,
    tokens_per_second: seconds > 0 ? sum(points.map((point) => point.tokens ?? 0)) / seconds : null,
    out,
  };
}

function mean(values: readonly number[]): number | null {
  return values.length === 0 ? null : sum(values) / values.length;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
