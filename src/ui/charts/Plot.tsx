import { useEffect, useId, useMemo, useState, type ReactNode } from 'react';
import {
  CartesianGrid,
  ComposedChart,
  Line,
  ReferenceLine,
  ResponsiveContainer,
  Tooltip,
  useActiveTooltipLabel,
  useIsTooltipActive,
  XAxis,
  YAxis,
  type TooltipContentProps,
} from 'recharts';
import type { XAxisKind } from '../../state/view';
import { formatValue } from '../shared/format';
import { AXIS_NAMES, formatTick } from './axes';
import type { Band, Curve } from './curves';
import { point } from './hover';
import { Cursor, Lines } from './Lines';
import { Marks, type PlacedMark } from './Marks';
import { REFERENCE } from './palette';
import { plotModel, type PlotModel } from './plotModel';
import { Readout } from './Readout';

const MARGIN = { top: 8, right: 12, bottom: 0, left: 0 };
const AXIS_Y = 52;
/** From here on there is room for names of marks and of the axis. */
const TALL = 200;
const NO_BANDS: readonly Band[] = [];
const NO_MARKS: readonly PlacedMark[] = [];

export interface PlotProps {
  readonly title: string;
  /** What the values are. */
  readonly description: string;
  /** In pixels. */
  readonly height: number;
  readonly curves: readonly Curve[];
  readonly bands?: readonly Band[];
  readonly marks?: readonly PlacedMark[];
  /** What stands along x. */
  readonly kind?: XAxisKind;
  readonly logX?: boolean;
  readonly logY?: boolean;
  readonly ignoreOutliers?: boolean;
  /** Where x ends at least. */
  readonly reach?: number;
  /** Ticks of y where they are not to be fitted to the values. */
  readonly ticksY?: readonly number[];
  readonly formatY?: (value: number) => string;
  /** A level to compare the values with. */
  readonly reference?: number;
  /** Charts of one group share what is pointed at. */
  readonly group: string;
  /** Said while there is nothing to draw. */
  readonly empty: string;
  /** Told which position is pointed at here. */
  readonly onPoint?: (x: number | undefined) => void;
  /** Takes the place of the values of the curves beside the pointer. */
  readonly readout?: (x: number) => ReactNode;
}

/**
 * Curves over steps, tokens or time. recharts has the frame, the axes, the pointer, the keyboard and the words for
 * screen readers; the curves are drawn by Lines.
 */
export function Plot(props: PlotProps) {
  const { title, height, curves, group, empty, kind = 'step', formatY = formatValue } = props;
  const { bands = NO_BANDS, marks = NO_MARKS, reference, ticksY, reach = 0 } = props;
  const { logX = false, logY = false, ignoreOutliers = false } = props;
  const id = useId();
  const [width, setWidth] = useState(660);
  const inside = Math.max(60, Math.round(width) - AXIS_Y - MARGIN.right);
  const model = useMemo(
    () =>
      plotModel(curves, bands, {
        ...{ kind, logX, logY, ignoreOutliers, reach, height, width: inside },
        ...(ticksY && { ticksY }),
        ...(reference !== undefined && { include: [reference] }),
      }),
    [curves, bands, kind, logX, logY, ignoreOutliers, reach, height, inside, ticksY, reference],
  );
  const { x, y, stops } = model;
  const nothing = stops.length === 0;
  const tall = height >= TALL;
  const content = ({ active, label }: TooltipContentProps) =>
    !active || typeof label !== 'number' ? null : props.readout === undefined ? (
      <Readout model={model} kind={kind} x={label} format={formatY} />
    ) : (
      props.readout(label)
    );
  return (
    <div className="chart-area">
      <ResponsiveContainer width="100%" height={height} onResize={setWidth}>
        <ComposedChart
          data={nothing ? NO_DATA : stops}
          margin={MARGIN}
          accessibilityLayer
          title={title}
          desc={`${props.description} by ${AXIS_NAMES[kind]}`}
        >
          <CartesianGrid vertical={false} stroke="var(--line)" />
          <XAxis
            dataKey="x"
            type="number"
            scale={x.log ? 'log' : 'linear'}
            domain={[x.from, x.to]}
            ticks={x.ticks}
            interval={0}
            tickFormatter={(value: number) => formatTick(kind, value, x.to)}
            tickLine={false}
            stroke="var(--line-strong)"
            height={tall ? 40 : 26}
            {...(tall && {
              label: { value: axisName(kind, x.log), position: 'insideBottomRight', offset: 0 },
            })}
          />
          <YAxis
            type="number"
            scale={y.log ? 'log' : 'linear'}
            domain={[y.from, y.to]}
            ticks={y.ticks}
            interval={0}
            tickFormatter={formatY}
            axisLine={false}
            tickLine={false}
            width={AXIS_Y}
            allowDataOverflow
          />
          <Tooltip content={content} isAnimationActive={false} cursor={false} />
          {/* Without a line of its own the chart would have nothing to point at. */}
          <Line
            dataKey="x"
            stroke="none"
            dot={false}
            activeDot={false}
            legendType="none"
            isAnimationActive={false}
          />
          {reference === undefined ? null : (
            <ReferenceLine y={reference} stroke={REFERENCE.colour} strokeDasharray={REFERENCE.dash} />
          )}
          <Marks marks={marks} named={tall} />
          <Lines model={model} />
          <Cursor model={model} group={group} />
          <Pointed chart={id} group={group} {...(props.onPoint && { onPoint: props.onPoint })} />
        </ComposedChart>
      </ResponsiveContainer>
      {nothing ? <p className="chart-empty">{empty}</p> : <LeftOut model={model} />}
    </div>
  );
}

const NO_DATA: readonly { readonly x: number }[] = [];

function axisName(kind: XAxisKind, log: boolean): string {
  return log ? `${AXIS_NAMES[kind]}, logarithmic` : AXIS_NAMES[kind];
}

/** Tells the other charts where this one is pointed at. Draws nothing. */
function Pointed({
  chart,
  group,
  onPoint,
}: {
  readonly chart: string;
  readonly group: string;
  readonly onPoint?: (x: number | undefined) => void;
}) {
  const label = useActiveTooltipLabel();
  const x = useIsTooltipActive() && typeof label === 'number' ? label : undefined;
  useEffect(() => {
    point(chart, group, x);
    onPoint?.(x);
  }, [chart, group, x, onPoint]);
  useEffect(
    () => () => {
      point(chart, group, undefined);
    },
    [chart, group],
  );
  return null;
}

/** Says what a logarithmic axis has no place for. */
function LeftOut({ model: { hidden } }: { readonly model: PlotModel }) {
  const parts = [
    ...(hidden.y > 0 ? [`${count(hidden.y, 'value')} at or below zero`] : []),
    ...(hidden.x > 0 ? [`${count(hidden.x, 'point')} before the first step`] : []),
  ];
  if (parts.length === 0) return null;
  return <p className="chart-note small muted">{`Not on a logarithmic axis: ${parts.join(', ')}.`}</p>;
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}
