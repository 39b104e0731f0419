import type { MetricsLog } from '../../state/metrics';

/** A level with a name, across a whole chart. */
export interface Reference {
  readonly value: number;
  readonly name: string;
}

/** One quantity of a run. A new chart is a row here. */
export interface ChartSpec {
  readonly id: string;
  readonly title: string;
  /** What the values are, with their unit; empty where the title says it. */
  readonly label: string;
  /** The values of each line, one for every step; a name only where there are several. None hides the chart. */
  readonly lines: (log: MetricsLog) => readonly { readonly name: string; readonly values: Float64Array }[];
  /** A level to compare the values with, drawn as a dotted line; undefined where the log has none. */
  readonly reference?: (log: MetricsLog) => Reference | undefined;
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
  {
    ...routerChart('expert_load', 'Load per expert', 'share of the gates, mean over routers', (log) =>
      log.expertLoads.map((values, index) => ({ name: `expert ${index + 1}`, values })),
    ),
    reference: ({ expertLoads: { length } }) =>
      length === 0 ? undefined : { value: 1 / length, name: `even load, 1/${length}` },
  },
  routerChart('router_load', 'Busiest expert', 'share of the gates, mean over routers', (log) => [
    { name: '', values: log.column('router_load') },
  ]),
  routerChart('router_entropy', 'Router entropy', 'nats a token, mean over routers', (log) => [
    { name: '', values: log.column('router_entropy') },
  ]),
  routerChart('router_aux_loss', 'Balance loss', 'before its coefficient', (log) => [
    { name: 'measured', values: log.column('router_aux_loss') },
    { name: 'even routers', values: log.column('router_aux_balanced') },
  ]),
];

/** A chart of what the routers do, which a method without them does not have. */
function routerChart(id: string, title: string, label: string, lines: ChartSpec['lines']): ChartSpec {
  return {
    ...{ id, title, label, smoothed: true, validation: false },
    lines: (log) => (log.hasRouters ? lines(log) : []),
  };
}
