import type { ReactElement } from 'react';
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
import { formatValue } from '../shared/format';
import type { ChartRow } from './figures';
import { colourOf, dashOf } from './palette';

const MARGIN = { top: 8, right: 12, bottom: 4, left: 0 };
const SHARES = [0, 0.25, 0.5, 0.75, 1];

interface PlotProps {
  readonly title: string;
  /** Of the axes, with units. */
  readonly across: string;
  readonly up: string;
  readonly rows: readonly ChartRow[];
  /** The column that stands across. */
  readonly by: string;
  /** Names of the other columns, and what is said of each in the legend beside it. */
  readonly series: readonly string[];
  readonly remarks?: readonly string[];
}

/** Lines of values from 0 to 1. */
export function LinePlot({ title, across, up, rows, by, series, remarks }: PlotProps) {
  return (
    <figure className="plot" aria-label={title}>
      <h4>{title}</h4>
      <p className="small muted">{up}</p>
      <Frame>
        <LineChart
          data={[...rows]}
          margin={MARGIN}
          accessibilityLayer
          title={title}
          desc={`${up} by ${across}`}
        >
          <CartesianGrid vertical={false} stroke="var(--line)" />
          <XAxis dataKey={by} tickLine={false} stroke="var(--line-strong)" height={24} />
          {VALUES}
          <Tooltip content={Readout} isAnimationActive={false} cursor={{ stroke: 'var(--line-strong)' }} />
          {series.map((name, index) => (
            <Line
              key={name}
              dataKey={name}
              stroke={colourOf(index)}
              strokeDasharray={dashOf(index)}
              strokeWidth={2}
              dot={{ r: 2.5, fill: colourOf(index), stroke: 'none' }}
              isAnimationActive={false}
            />
          ))}
        </LineChart>
      </Frame>
      <p className="axis-name small muted">{across}</p>
      <ul className="legend">
        {series.map((name, index) => (
          <li key={name}>
            <svg width="22" height="8" aria-hidden="true">
              <path d="M0 4h22" stroke={colourOf(index)} strokeWidth="2" strokeDasharray={dashOf(index)} />
            </svg>
            {name.replace('_proj', '')}
            {remarks?.[index] ?? ''}
          </li>
        ))}
      </ul>
    </figure>
  );
}

/** Bars of values from 0 to 1, those of one group side by side. */
export function BarPlot({ title, across, up, rows, by, series }: PlotProps) {
  return (
    <figure className="plot" aria-label={title}>
      <h4>{title}</h4>
      <p className="small muted">{up}</p>
      <Frame>
        <BarChart
          data={[...rows]}
          margin={MARGIN}
          accessibilityLayer
          title={title}
          desc={`${up} by ${across}`}
        >
          <CartesianGrid vertical={false} stroke="var(--line)" />
          <XAxis dataKey={by} tickLine={false} stroke="var(--line-strong)" height={24} />
          {VALUES}
          <Tooltip
            content={Readout}
            isAnimationActive={false}
            cursor={{ fill: 'var(--line)', fillOpacity: 0.5 }}
          />
          {series.map((name, index) => (
            <Bar key={name} dataKey={name} fill={colourOf(index)} isAnimationActive={false} />
          ))}
        </BarChart>
      </Frame>
      <p className="axis-name small muted">{across}</p>
      <ul className="legend">
        {series.map((name, index) => (
          <li key={name}>
            <svg width="12" height="12" aria-hidden="true">
              <rect width="12" height="12" fill={colourOf(index)} />
            </svg>
            {name}
          </li>
        ))}
      </ul>
    </figure>
  );
}

const VALUES = (
  <YAxis type="number" domain={[0, 1]} ticks={SHARES} axisLine={false} tickLine={false} width={38} />
);

function Frame({ children }: { readonly children: ReactElement }) {
  return (
    <div className="chart-area">
      <ResponsiveContainer width="100%" height={190}>
        {children}
      </ResponsiveContainer>
    </div>
  );
}

function Readout({ active, label, payload }: TooltipContentProps) {
  if (!active) return null;
  return (
    <div className="tooltip">
      <dl>
        <dt>at</dt>
        <dd>{String(label)}</dd>
        {payload.map(({ name, value }) => (
          <Pair key={String(name)} name={String(name)} value={Number(value)} />
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
