import type { RunConfig } from '../../config/runConfig';

export type ScheduleConfig = Pick<
  RunConfig,
  'learning_rate' | 'lr_scheduler_type' | 'warmup_steps' | 'max_steps'
>;

/**
 * Learning rate of an optimiser step, as transformers' get_scheduler gives it: a linear warm-up from 0, then
 * constant, linear to 0 at max_steps, or half a cosine.
 *
 * @param step optimiser step, from 0
 */
export function learningRate(step: number, run: ScheduleConfig): number {
  const { learning_rate, lr_scheduler_type, warmup_steps, max_steps } = run;
  if (step < warmup_steps) return learning_rate * (step / warmup_steps);
  const progress = (step - warmup_steps) / Math.max(1, max_steps - warmup_steps);
  switch (lr_scheduler_type) {
    case 'constant':
      return learning_rate;
    case 'linear':
      return learning_rate * Math.max(0, 1 - progress);
    case 'cosine':
      return learning_rate * Math.max(0, 0.5 * (1 + Math.cos(Math.PI * progress)));
  }
}
