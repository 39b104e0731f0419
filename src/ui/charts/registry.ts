import type { MetricsLog } from '../../state/metrics';

/** One curve of a run. A new chart is a row here. */
export interface ChartSpec {
  readonly id: string;
  readonly title: string;
  /** What the values are, with their unit; empty where the title says it. */
  readonly label: string;
  readonly values: (log: MetricsLog) => Float64Array;
  /** Whether a moving average is drawn over the values. */
  readonly smoothed: boolean;
  /** Whether the validation losses belong on it. */
  readonly validation: boolean;
}

export const LOSS_CHART: ChartSpec = {
  id: 'loss',
  title: 'Loss',
  label: 'nats per token',
  values: (log) => log.column('loss'),
  smoothed: true,
  validation: true,
};

export const SMALL_CHARTS: readonly ChartSpec[] = [
  {
    id: 'learning_rate',
    title: 'Learning rate',
    label: '',
    values: (log) => log.column('learning_rate'),
    smoothed: false,
    validation: false,
  },
  {
    id: 'grad_norm',
    title: 'Gradient norm',
    label: 'before clipping',
    values: (log) => log.column('grad_norm'),
    smoothed: true,
    validation: false,
  },
  {
    id: 'tokens_per_second',
    title: 'Speed',
    label: 'counted tokens per second',
    values: (log) => {
      const seconds = log.column('seconds');
      return log.column('tokens').map((tokens, index) => tokens / (seconds[index] ?? NaN));
    },
    smoothed: true,
    validation: false,
  },
];
