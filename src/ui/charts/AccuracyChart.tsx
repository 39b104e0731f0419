import { memo } from 'react';
import { metrics, type AccuracyPoint } from '../../state/metrics';
import { useStore } from 'zustand';
import { useShallow } from 'zustand/react/shallow';
import { runStore } from '../../state/run';
import { chartView, viewStore } from '../../state/view';
import { formatPercent } from '../shared/format';
import { RUN_GROUP } from './ChartCard';
import { positionOf, type Band, type Curve } from './curves';
import { lookOf } from './palette';
import { Plot } from './Plot';

const TICKS = [0, 0.25, 0.5, 0.75, 1];

/** The mean accuracy over the steps of a run, in its 95 % interval, with the line of chance. Drawn anew for new points. */
export const AccuracyChart = memo(function AccuracyChart({
  points,
}: {
  readonly points: readonly AccuracyPoint[];
}) {
  const { xAxis, logX } = useStore(viewStore, useShallow(chartView));
  const planned = useStore(runStore, ({ settings }) => settings?.max_steps ?? 100);
  const steps = Float64Array.from(points, ({ step }) => step);
  const x = steps.map((step) => positionOf(metrics, xAxis, step));
  const look = lookOf(0);
  const of = (value: (point: AccuracyPoint) => number) => Float64Array.from(points, value);
  const curve: Curve = {
    ...{ id: 'accuracy', source: 'run', line: '', name: 'accuracy', look, x, steps, kind: 'points' },
    y: of(({ mean }) => mean.acc),
  };
  const interval: Band = {
    ...{ id: 'interval', colour: look.colour, x },
    low: of(({ mean }) => mean.ci[0]),
    high: of(({ mean }) => mean.ci[1]),
  };
  const chance = points[0]?.mean.chance ?? undefined;
  const readout = (at: number) => <Values point={points[x.indexOf(at)]} />;
  return (
    <Plot
      title="Accuracy on held-out questions"
      description="share of right answers with its 95 % interval and the line of chance"
      height={180}
      curves={[curve]}
      bands={[interval]}
      kind={xAxis}
      logX={logX}
      reach={xAxis === 'step' ? planned : 0}
      ticksY={TICKS}
      formatY={formatPercent}
      {...(chance !== undefined && { reference: chance })}
      group={RUN_GROUP}
      empty="Held-out questions are asked before the first step, now and then during the run, and at its end."
      readout={readout}
    />
  );
});

function Values({ point }: { readonly point: AccuracyPoint | undefined }) {
  if (point === undefined) return null;
  const [low, high] = point.mean.ci;
  return (
    <div className="tooltip">
      <dl>
        <dt>step</dt>
        <dd>{point.step}</dd>
        <dt>accuracy</dt>
        <dd>{formatPercent(point.mean.acc)}</dd>
        <dt>95 % interval</dt>
        <dd>{`${Math.round(100 * low)} to ${formatPercent(high)}`}</dd>
      </dl>
    </div>
  );
}
