import {
  Area,
  CartesianGrid,
  ComposedChart,
  Line,
  ReferenceLine,
  ResponsiveContainer,
  Tooltip,
  XAxis,
  YAxis,
  type TooltipContentProps,
} from 'recharts';
import { useStore } from 'zustand';
import type { AccuracyPoint } from '../../state/metrics';
import { runStore } from '../../state/run';
import { formatPercent } from '../shared/format';

const MARGIN = { top: 8, right: 12, bottom: 0, left: 0 };
const TICKS = [0, 0.25, 0.5, 0.75, 1];

interface Row {
  readonly step: number;
  readonly acc: number;
  readonly interval: readonly [low: number, high: number];
}

/** The mean accuracy over the steps of a run, in its 95 % interval, with the line of chance. */
export function AccuracyChart({ points }: { readonly points: readonly AccuracyPoint[] }) {
  const lastStep = useStore(runStore, ({ status, settings }) =>
    status.phase === 'done' ? status.step : settings?.max_steps,
  );
  const rows = points.map(({ step, mean }): Row => ({ step, acc: mean.acc, interval: mean.ci }));
  const chance = points[0]?.mean.chance ?? undefined;
  return (
    <div className="chart-area">
      <ResponsiveContainer width="100%" height={180}>
        <ComposedChart
          data={rows}
          margin={MARGIN}
          accessibilityLayer
          title="Accuracy on held-out questions"
          desc="share of right answers by step, with its 95 % interval and the line of chance"
        >
          <CartesianGrid vertical={false} stroke="var(--line)" />
          <XAxis
            dataKey="step"
            type="number"
            domain={[0, lastStep ?? 100]}
            allowDecimals={false}
            tickLine={false}
            stroke="var(--line-strong)"
            height={26}
          />
          <YAxis
            type="number"
            domain={[0, 1]}
            ticks={TICKS}
            tickFormatter={formatPercent}
            axisLine={false}
            tickLine={false}
            width={52}
          />
          <Tooltip content={Readout} isAnimationActive={false} cursor={{ stroke: 'var(--line-strong)' }} />
          <Area
            dataKey="interval"
            fill="var(--accent)"
            fillOpacity={0.18}
            stroke="none"
            activeDot={false}
            isAnimationActive={false}
          />
          {chance === undefined ? null : (
            <ReferenceLine y={chance} stroke="var(--ink)" strokeDasharray="3 4" />
          )}
          <Line
            dataKey="acc"
            stroke="var(--accent)"
            strokeWidth={2}
            dot={{ r: 3, fill: 'var(--surface)', stroke: 'var(--accent)', strokeWidth: 1.75 }}
            activeDot={{ r: 4, fill: 'var(--accent)', stroke: 'none' }}
            isAnimationActive={false}
          />
        </ComposedChart>
      </ResponsiveContainer>
      {rows.length === 0 ? (
        <p className="chart-empty">
          Held-out questions are asked before the first step, now and then during the run, and at its end.
        </p>
      ) : null}
    </div>
  );
}

function Readout({ active, payload }: TooltipContentProps) {
  const row = payload[0]?.payload as Row | undefined;
  if (!active || row === undefined) return null;
  const [low, high] = row.interval;
  return (
    <div className="tooltip">
      <dl>
        <dt>step</dt>
        <dd>{row.step}</dd>
        <dt>accuracy</dt>
        <dd>{formatPercent(row.acc)}</dd>
        <dt>95 % interval</dt>
        <dd>{`${Math.round(100 * low)} to ${formatPercent(high)}`}</dd>
      </dl>
    </div>
  );
}
