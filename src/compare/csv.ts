import Papa from 'papaparse';
import { KNOB_KEYS } from '../config/knobs';
import type { CurveBand } from './curves';
import type { RunResult } from './result';

/** One row a run: what it is, its figures, the accuracy on each task, and every setting. */
export function runsCsv(runs: readonly RunResult[]): string {
  const tasks = [...new Set(runs.flatMap((run) => run.tasks ?? []).map(({ id }) => id))];
  return csv(
    runs.map((run) => ({
      id: run.id,
      configuration: run.configuration,
      seed: run.seed,
      steps: run.steps,
      trainable_weights: run.trainable_weights,
      adapter_bytes: run.adapter_bytes,
      final_loss: run.final_loss,
      best_loss: run.best_loss,
      final_val_loss: run.final_val_loss,
      best_val_loss: run.best_val_loss,
      accuracy: run.accuracy,
      ...Object.fromEntries(
        tasks.map((id) => [`acc_${id}`, run.tasks?.find((task) => task.id === id)?.acc ?? null]),
      ),
      seconds_per_step: run.seconds_per_step,
      gpu: run.gpu.name,
      ...Object.fromEntries(
        KNOB_KEYS.filter((key) => key !== 'seed').map((key) => [key, String(run.settings[key])]),
      ),
    })),
  );
}

/** One row for each configuration, loss and logged step. */
export function curvesCsv(bands: readonly CurveBand[]): string {
  return csv(bands);
}

function csv(rows: readonly object[]): string {
  return `${Papa.unparse([...rows], { newline: '\n' })}\n`;
}
