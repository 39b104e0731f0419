import type { RunConfig } from '../../src/config/runConfig';

/**
 * Factor on the learning rate of optimiser step `step` (from 0), as transformers' get_scheduler:
 * `constant` with warm-up, `linear` to 0, `cosine` half a wave to 0, all after a linear warm-up from 0.
 */
export function scheduleFactor(
  type: RunConfig['lr_scheduler_type'],
  step: number,
  warmupSteps: number,
  maxSteps: number,
): number {
  if (step < warmupSteps) return step / Math.max(1, warmupSteps);
  const progress = (step - warmupSteps) / Math.max(1, maxSteps - warmupSteps);
  switch (type) {
    case 'constant':
      return 1;
    case 'linear':
      return Math.max(0, 1 - progress);
    case 'cosine':
      return Math.max(0, 0.5 * (1 + Math.cos(Math.PI * progress)));
  }
}
