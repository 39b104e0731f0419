import { Area, Line, ReferenceLine, type TooltipContentProps } from 'recharts';
import type { AccuracyPoint } from '../../state/metrics';
import { formatPercent } from '../shared/format';
import { StepChart } from './StepChart';

const TICKS = [0, 0.25, 0.5, 0.75, 1];

interface Row {
  readonly step: number;
  readonly acc: number;
  readonly interval: readonly [low: number, high: number];
}

/** The mean accuracy over the steps of a run, in its 95 % interval, with the line of chance. */
export function AccuracyChart({ points }: { readonly points: readonly AccuracyPoint[] }) {
  const rows = points.map(({ step, mean }): Row => ({ step, acc: mean.acc, interval: mean.ci }));
  const chance = points[0]?.mean.chance ?? undefined;
  return (
    <StepChart
      rows={rows}
      title="Accuracy on held-out questions"
      description="share of right answers by step, with its 95 % interval and the line of chance"
      height={180}
      ticks={TICKS}
      formatTick={formatPercent}
      readout={Readout}
      empty="Held-out questions are asked before the first step, now and then during the run, and at its end."
    >
      <Area
        dataKey="interval"
        fill="var(--accent)"
        fillOpacity={0.18}
        stroke="none"
        activeDot={false}
        isAnimationActive={false}
      />
      {chance === undefined ? null : <ReferenceLine y={chance} stroke="var(--ink)" strokeDasharray="3 4" />}
      <Line
        dataKey="acc"
        stroke="var(--accent)"
        strokeWidth={2}
        dot={{ r: 3, fill: 'var(--surface)', stroke: 'var(--accent)', strokeWidth: 1.75 }}
        activeDot={{ r: 4, fill: 'var(--accent)', stroke: 'none' }}
        isAnimationActive={false}
      />
    </StepChart>
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
