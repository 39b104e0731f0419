import type { Column, MetricsLog } from '../../state/metrics';

/** One quantity of a run. A new chart is a row here. */
export interface ChartSpec {
  readonly id: string;
  readonly title: string;
  /** What the values are, with their unit; empty where the title says it. */
  readonly label: string;
  /** The values of each line, one for every step; a name only where there are several. None hides the chart. */
  readonly lines: (log: MetricsLog) => readonly { readonly name: string; readonly values: Float64Array }[];
  /** Whether a moving average is drawn over the values. */
  readonly smoothed: boolean;
  /** Whether the validation losses belong on it. */
  readonly validation: boolean;
}

export const LOSS_CHART: ChartSpec = {
  id: 'loss',
  title: 'Loss',
  label: 'nats per token',
  lines: (log) => [{ name: '', values: log.column('loss') }],
  smoothed: true,
  validation: true,
};

export const SMALL_CHARTS: readonly ChartSpec[] = [
  {
    id: 'learning_rate',
    title: 'Learning rate',
    label: '',
    lines: (log) => [{ name: '', values: log.column('learning_rate') }],
    smoothed: false,
    validation: false,
  },
  {
    id: 'grad_norm',
    title: 'Gradient norm',
    label: 'before clipping',
    lines: (log) => [{ name: '', values: log.column('grad_norm') }],
    smoothed: true,
    validation: false,
  },
  {
    id: 'tokens_per_second',
    title: 'Speed',
    label: 'counted tokens per second',
    lines: (log) => {
      const seconds = log.column('seconds');
      return [
        { name: '', values: log.column('tokens').map((tokens, index) => tokens / (seconds[index] ?? NaN)) },
      ];
    },
    smoothed: true,
    validation: false,
  },
  routerChart('router_load', 'Busiest expert', 'share of the gates, mean over routers', [
    ['', 'router_load'],
  ]),
  routerChart('router_entropy', 'Router entropy', 'nats a token, mean over routers', [
    ['', 'router_entropy'],
  ]),
  routerChart('router_aux_loss', 'Balance loss', 'before its coefficient', [
    ['this run', 'router_aux_loss'],
    ['even routers', 'router_aux_balanced'],
  ]),
];

/** A chart of what the routers do, which a method without them does not have. */
function routerChart(
  id: string,
  title: string,
  label: string,
  lines: readonly (readonly [name: string, column: Column])[],
): ChartSpec {
  return {
    ...{ id, title, label, smoothed: true, validation: false },
    lines: (log) =>
      log.hasRouters ? lines.map(([name, column]) => ({ name, values: log.column(column) })) : [],
  };
}
