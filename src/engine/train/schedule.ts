import type { RunConfig } from '../../config/runConfig';

export type ScheduleConfig = Pick<
  RunConfig,
  'learning_rate' | 'lr_scheduler_type' | 'warmup_steps' | 'max_steps'
>;

/** The next step after which a run has more to do than the step after it: to validate, to save, or to end. */
export function nextStop(
  step: number,
  { max_steps, eval_steps, save_steps }: Pick<RunConfig, 'max_steps' | 'eval_steps' | 'save_steps'>,
): number {
  const next = (every: number) => (every > 0 ? (Math.floor(step / every) + 1) * every : max_steps);
  return Math.min(max_steps, next(eval_steps), next(save_steps));
}

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
