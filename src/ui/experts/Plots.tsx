import type { ReactElement, ReactNode } from 'react';
import {
  Bar,
  BarChart,
  CartesianGrid,
  Line,
  LineChart,
  ResponsiveContainer,
  Tooltip,
  XAxis,
  YAxis,
  type TooltipContentProps,
} from 'recharts';
import { lookOf } from '../charts/palette';
import { Swatch } from '../charts/Swatch';
import { formatValue } from '../shared/format';
import { shortName, type ChartRow } from './figures';

const MARGIN = { top: 8, right: 12, bottom: 4, left: 0 };
const HEIGHT = 190;
const SHARES = [0, 0.25, 0.5, 0.75, 1];

interface PlotProps {
  readonly title: string;
  /** What the values are, with their unit. */
  readonly up: string;
  /** What stands across, and the column of the rows that it is in. */
  readonly across: string;
  readonly by: string;
  readonly rows: readonly ChartRow[];
  /** Names of the other columns, and what is said of each in the legend beside it. */
  readonly series: readonly string[];
  readonly remarks?: readonly string[];
}

/** Lines of values from 0 to 1, each with a colour and dashes of its own. */
export function LinePlot(props: PlotProps) {
  const { title, up, across, rows, series } = props;
  return (
    <Figure {...props} sign={(index) => <Swatch look={lookOf(index)} />}>
      <LineChart {...chartProps(rows)} title={title} desc={`${up} by ${across}`}>
        {axes(props)}
        <Tooltip
          content={(state) => <Readout {...props} state={state} />}
          isAnimationActive={false}
          cursor={{ stroke: 'var(--line-strong)' }}
        />
        {series.map((name, index) => {
          const { colour, dash } = lookOf(index);
          return (
            <Line
              key={name}
              dataKey={name}
              stroke={colour}
              strokeDasharray={dash}
              strokeWidth={2}
              dot={{ r: 2.5, fill: colour, stroke: 'none' }}
              isAnimationActive={false}
            />
          );
        })}
      </LineChart>
    </Figure>
  );
}

/** Bars of values from 0 to 1, those of one group side by side: the first full, the others as outlines. */
export function BarPlot(props: PlotProps) {
  const { title, up, across, rows, series } = props;
  return (
    <Figure {...props} sign={(index) => <BarSign {...barLook(index)} />}>
      <BarChart {...chartProps(rows)} title={title} desc={`${up} by ${across}`}>
        {axes(props)}
        <Tooltip
          content={(state) => <Readout {...props} state={state} />}
          isAnimationActive={false}
          cursor={{ fill: 'var(--line)', fillOpacity: 0.5 }}
        />
        {series.map((name, index) => (
          <Bar key={name} dataKey={name} {...barLook(index)} isAnimationActive={false} />
        ))}
      </BarChart>
    </Figure>
  );
}

/** Title, chart and legend of a figure; the axes are named in words above and below it. */
function Figure({
  title,
  up,
  across,
  series,
  remarks,
  sign,
  children,
}: PlotProps & {
  /** The piece of the chart that stands before a name. */
  readonly sign: (index: number) => ReactNode;
  readonly children: ReactElement;
}) {
  return (
    <figure className="plot" aria-label={title}>
      <h4>{title}</h4>
      <p className="small muted">{up}</p>
      <div className="chart-area">
        <ResponsiveContainer width="100%" height={HEIGHT}>
          {children}
        </ResponsiveContainer>
      </div>
      <p className="axis-name small muted">{across}</p>
      <ul className="legend">
        {series.map((name, index) => (
          <li key={name}>
            {sign(index)}
            <span className="number">{`${shortName(name)}${remarks?.[index] ?? ''}`}</span>
          </li>
        ))}
      </ul>
    </figure>
  );
}

function chartProps(rows: readonly ChartRow[]) {
  return { data: [...rows], margin: MARGIN, accessibilityLayer: true };
}

function axes({ by }: PlotProps): ReactNode {
  return (
    <>
      <CartesianGrid vertical={false} stroke="var(--line)" />
      <XAxis
        dataKey={by}
        interval="equidistantPreserveStart"
        tickLine={false}
        stroke="var(--line-strong)"
        height={24}
      />
      <YAxis type="number" domain={[0, 1]} ticks={SHARES} axisLine={false} tickLine={false} width={38} />
    </>
  );
}

function barLook(index: number) {
  const { colour } = lookOf(index);
  return { fill: colour, fillOpacity: index === 0 ? 1 : 0.2, stroke: colour, strokeWidth: 1.5 };
}

function BarSign(look: ReturnType<typeof barLook>) {
  return (
    <svg className="swatch" width="14" height="12" aria-hidden="true">
      <rect x="1" y="1" width="12" height="10" {...look} />
    </svg>
  );
}

/** The values at a place, those that it has. */
function Readout({
  across,
  series,
  state: { active, label, payload },
}: PlotProps & { readonly state: TooltipContentProps }) {
  if (!active) return null;
  return (
    <div className="tooltip">
      <dl>
        <dt>{across}</dt>
        <dd>{String(label)}</dd>
        {payload.map(({ name, value }) => (
          <div key={String(name)} className="tooltip-curve">
            <dt>
              <Swatch look={lookOf(series.indexOf(String(name)))} />
              {shortName(String(name))}
            </dt>
            <dd>{formatValue(Number(value))}</dd>
          </div>
        ))}
      </dl>
    </div>
  );
}
