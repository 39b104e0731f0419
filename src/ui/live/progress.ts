import { deviceStore } from '../../state/device';
import { metrics } from '../../state/metrics';
import type { RunState } from '../../state/run';
import { formatCount, formatSeconds } from '../shared/format';

/** What is happening now. */
export interface Progress {
  readonly text: string | undefined;
  readonly aside?: string | undefined;
  /** In [0, 1]; absent while nothing can be measured. */
  readonly share?: number | undefined;
}

/** A run in words; it names the thing that is waited for. What is replayed is called so. */
export function describeProgress(run: Pick<RunState, 'status' | 'settings'>): Progress {
  const isReplay = deviceStore.getState().status === 'replay';
  const progress = describe(run, isReplay);
  const { text } = progress;
  return isReplay && text !== undefined ? { ...progress, text: `Recording · ${text}` } : progress;
}

function describe({ status, settings }: Pick<RunState, 'status' | 'settings'>, isReplay: boolean): Progress {
  const steps = settings?.max_steps ?? 0;
  switch (status.phase) {
    case 'idle':
    case 'failed':
      return { text: undefined };
    case 'loading':
      return { text: 'Loading the weights onto the GPU', ...fraction(status.done, status.total) };
    case 'compiling':
      return {
        text: 'Compiling the kernels',
        aside: status.total === 0 ? undefined : `${status.done} of ${status.total}: ${status.kernel ?? ''}`,
        ...fraction(status.done, status.total),
      };
    case 'running': {
      if (status.asking !== undefined && status.asked === undefined) {
        const { done, total } = status.asking;
        return {
          text: 'Asking held-out questions',
          aside: `${formatCount(done)} of ${formatCount(total)} answers weighed, at step ${status.step} of ${steps}`,
          ...fraction(status.step, steps),
        };
      }
      // How long a step took there says nothing of how fast it is replayed.
      const left = isReplay ? undefined : timeLeft(steps - status.step);
      const text = status.asked === 'pause' ? 'Pausing after this step' : 'Training';
      return {
        text: status.asked === 'stop' ? 'Stopping after this step' : text,
        aside: `step ${status.step} of ${steps}${left === undefined ? '' : `, about ${left} left`}`,
        ...fraction(status.step, steps),
      };
    }
    case 'paused':
      return { text: 'Paused', aside: `step ${status.step} of ${steps}`, ...fraction(status.step, steps) };
    case 'done':
      return {
        text: status.stopped ? `Stopped after ${status.step} of ${steps} steps` : `Done: ${steps} steps`,
        share: 1,
      };
  }
}

function fraction(done: number, total: number): { share?: number } {
  return total > 0 ? { share: done / total } : {};
}

/** Remaining time from the mean of the last steps, once there are enough of them to trust. */
function timeLeft(steps: number): string | undefined {
  const seconds = metrics.column('seconds').slice(-20);
  if (seconds.length < 5 || steps <= 0) return undefined;
  return formatSeconds((seconds.reduce((sum, value) => sum + value, 0) / seconds.length) * steps);
}
