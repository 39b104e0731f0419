import { useState } from 'react';
import { Line, type TooltipContentProps } from 'recharts';
import { useStore } from 'zustand';
import { metrics, metricsVersion } from '../../state/metrics';
import { viewStore } from '../../state/view';
import { formatValue } from '../shared/format';
import type { ChartSpec } from './registry';
import { chartRows, type Row } from './rows';
import { StepChart } from './StepChart';
import { niceTicks } from './ticks';

const LABELS = { raw: 'this step', smooth: 'smoothed', validation: 'validation' } as const;

/** The curves of one quantity over the steps of the run, live. */
export function LineChart({
  spec,
  height,
  empty,
}: {
  readonly spec: ChartSpec;
  readonly height: number;
  /** Said while there is nothing to draw. */
  readonly empty: string;
}) {
  useStore(metricsVersion, ({ version }) => version);
  const smoothing = useStore(viewStore, (view) => view.smoothing);
  const [columns, setColumns] = useState(600);
  const rows = chartRows(
    metrics.column('step'),
    spec.values(metrics),
    spec.validation ? metrics.validation : [],
    spec.smoothed ? smoothing : 0,
    columns,
  );
  return (
    <StepChart
      rows={rows}
      title={spec.title}
      description={spec.label}
      height={height}
      ticks={ticksFor(rows, height)}
      formatTick={formatValue}
      readout={Readout}
      empty={empty}
      onWidth={(width) => {
        setColumns(Math.round(width) - 60);
      }}
    >
      {spec.smoothed ? (
        <Line
          dataKey="raw"
          stroke="var(--accent)"
          strokeOpacity={0.35}
          strokeWidth={1}
          dot={false}
          activeDot={false}
          isAnimationActive={false}
        />
      ) : null}
      <Line
        dataKey="smooth"
        stroke="var(--accent)"
        strokeWidth={2}
        dot={rows.length < 2}
        activeDot={{ r: 3, fill: 'var(--accent)', stroke: 'none' }}
        isAnimationActive={false}
      />
      {spec.validation ? (
        <Line
          dataKey="validation"
          stroke="var(--ink)"
          strokeWidth={1}
          strokeDasharray="3 4"
          connectNulls
          dot={{
            r: 4,
            fill: 'var(--surface)',
            stroke: 'var(--ink)',
            strokeWidth: 1.75,
            strokeDasharray: '',
          }}
          activeDot={{ r: 5, fill: 'var(--ink)', stroke: 'none' }}
          isAnimationActive={false}
        />
      ) : null}
    </StepChart>
  );
}

/** Ticks around everything that is drawn, one for every 60 pixels or so. */
function ticksFor(rows: readonly Row[], height: number): number[] {
  let min = Infinity;
  let max = -Infinity;
  for (const { raw, smooth, validation } of rows) {
    for (const value of [raw, smooth, validation]) {
      if (value === undefined) continue;
      min = Math.min(min, value);
      max = Math.max(max, value);
    }
  }
  return niceTicks(min, max, Math.max(4, Math.round(height / 60)));
}

function Readout({ active, payload }: TooltipContentProps) {
  const row = payload[0]?.payload as Row | undefined;
  if (!active || row === undefined) return null;
  const keys = (Object.keys(LABELS) as (keyof typeof LABELS)[]).filter((key) => row[key] !== undefined);
  return (
    <div className="tooltip">
      <dl>
        <dt>step</dt>
        <dd>{row.step}</dd>
        {keys.map((key) => (
          <Pair key={key} name={LABELS[key]} value={row[key] ?? NaN} />
        ))}
      </dl>
    </div>
  );
}

function Pair({ name, value }: { readonly name: string; readonly value: number }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>{formatValue(value)}</dd>
    </>
  );
}
