import type { ReactNode } from 'react';
import {
  CartesianGrid,
  ComposedChart,
  ResponsiveContainer,
  Tooltip,
  XAxis,
  YAxis,
  type TooltipContentProps,
} from 'recharts';
import { useStore } from 'zustand';
import { runStore } from '../../state/run';

const MARGIN = { top: 8, right: 12, bottom: 0, left: 0 };

/** What every chart over the steps of a run has: the frame, both axes, and a readout of the step pointed at. */
export function StepChart({
  rows,
  title,
  description,
  height,
  ticks,
  formatTick,
  readout,
  empty,
  onWidth,
  steps,
  children,
}: {
  readonly rows: readonly { readonly step: number }[];
  readonly title: string;
  readonly description: string;
  readonly height: number;
  /** Of the values, from the lowest to the highest that is shown. */
  readonly ticks: readonly number[];
  readonly formatTick: (value: number) => string;
  readonly readout: (props: TooltipContentProps) => ReactNode;
  /** Said while there is nothing to draw. */
  readonly empty: string;
  readonly onWidth?: (width: number) => void;
  /** Last step of the axis; that of the run on the page where it is left out. */
  readonly steps?: number;
  /** The curves. */
  readonly children: ReactNode;
}) {
  const lastStep = useStore(runStore, ({ status, settings }) =>
    status.phase === 'done' ? status.step : settings?.max_steps,
  );
  return (
    <div className="chart-area">
      <ResponsiveContainer width="100%" height={height} {...(onWidth && { onResize: onWidth })}>
        <ComposedChart data={[...rows]} margin={MARGIN} accessibilityLayer title={title} desc={description}>
          <CartesianGrid vertical={false} stroke="var(--line)" />
          <XAxis
            dataKey="step"
            type="number"
            domain={[0, steps ?? lastStep ?? 100]}
            allowDecimals={false}
            tickLine={false}
            stroke="var(--line-strong)"
            height={26}
          />
          <YAxis
            type="number"
            domain={[ticks[0] ?? 0, ticks.at(-1) ?? 1]}
            ticks={[...ticks]}
            interval={0}
            tickFormatter={formatTick}
            axisLine={false}
            tickLine={false}
            width={52}
          />
          <Tooltip content={readout} isAnimationActive={false} cursor={{ stroke: 'var(--line-strong)' }} />
          {children}
        </ComposedChart>
      </ResponsiveContainer>
      {rows.length === 0 ? <p className="chart-empty">{empty}</p> : null}
    </div>
  );
}
