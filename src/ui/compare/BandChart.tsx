import { useMemo, useState } from 'react';
import { Area, Line, type TooltipContentProps } from 'recharts';
import { curveBands, type CurveBand } from '../../compare/curves';
import type { RunResult } from '../../compare/result';
import { StepChart } from '../charts/StepChart';
import { niceTicks } from '../charts/ticks';
import { formatValue } from '../shared/format';

type Measure = CurveBand['measure'];

const MEASURES: readonly (readonly [Measure, string])[] = [
  ['val_loss', 'Validation loss'],
  ['loss', 'Training loss'],
];
const COLOURS = 6;
const DASHES = ['', '7 3', '2 3', '9 3 2 3', '5 2 5 6', '1 4', '12 4'];
const HEIGHT = 280;

interface Row {
  readonly step: number;
  /** By index of the configuration. */
  readonly means: readonly (number | undefined)[];
  readonly ranges: readonly (readonly [number, number] | undefined)[];
}

/** The losses of every configuration: the mean over its seeds as a line, least to greatest as a band around it. */
export function BandChart({ runs }: { readonly runs: readonly RunResult[] }) {
  const bands = useMemo(() => curveBands(runs), [runs]);
  const [wanted, setWanted] = useState<Measure>('val_loss');
  const hasValidation = bands.some(({ measure }) => measure === 'val_loss');
  const measure = hasValidation ? wanted : 'loss';
  const names = [...new Set(bands.map(({ configuration }) => configuration))];
  const shown = bands.filter((band) => band.measure === measure);
  const rows = rowsOf(shown, names);
  const lows = Math.min(...shown.map(({ min }) => min));
  const highs = Math.max(...shown.map(({ max }) => max));
  const title = MEASURES.find(([id]) => id === measure)?.[1] ?? '';
  const Readout = ({ active, payload }: TooltipContentProps) => {
    const row = payload[0]?.payload as Row | undefined;
    return active && row !== undefined ? <Values row={row} names={names} /> : null;
  };
  return (
    <figure aria-label="Loss curves of the comparison">
      <div className="segments" role="radiogroup" aria-label="Which loss">
        {MEASURES.filter(([id]) => id === 'loss' || hasValidation).map(([id, label]) => (
          <label key={id} className="segment compare-pill">
            <input
              type="radio"
              name="compare-measure"
              checked={measure === id}
              onChange={() => {
                setWanted(id);
              }}
            />
            {label}
          </label>
        ))}
      </div>
      <StepChart
        rows={rows}
        title={title}
        description="nats per token by step: mean over the seeds, least to greatest as a band"
        height={HEIGHT}
        ticks={niceTicks(lows, highs, 5)}
        formatTick={formatValue}
        readout={Readout}
        empty=""
        steps={Math.max(...shown.map(({ step }) => step))}
      >
        {names.map((name, index) => (
          <Area
            key={`${name} band`}
            dataKey={(row: Row) => row.ranges[index]}
            fill={colour(index)}
            fillOpacity={0.14}
            stroke="none"
            connectNulls
            activeDot={false}
            isAnimationActive={false}
          />
        ))}
        {names.map((name, index) => (
          <Line
            key={name}
            dataKey={(row: Row) => row.means[index]}
            stroke={colour(index)}
            strokeWidth={2}
            strokeDasharray={dash(index)}
            connectNulls
            dot={rows.length < 2}
            activeDot={{ r: 3, fill: colour(index), stroke: 'none' }}
            isAnimationActive={false}
          />
        ))}
      </StepChart>
      <ul className="legend">
        {names.map((name, index) => (
          <li key={name}>
            <svg width="34" height="10" aria-hidden="true">
              <rect width="34" height="10" fill={colour(index)} fillOpacity="0.14" />
              <path d="M0 5h34" stroke={colour(index)} strokeWidth="2" strokeDasharray={dash(index)} />
            </svg>
            {name}
          </li>
        ))}
      </ul>
    </figure>
  );
}

function Values({ row, names }: { readonly row: Row; readonly names: readonly string[] }) {
  return (
    <div className="tooltip">
      <dl>
        <dt>step</dt>
        <dd>{row.step}</dd>
        {names.map((name, index) => {
          const [mean, range] = [row.means[index], row.ranges[index]];
          if (mean === undefined || range === undefined) return null;
          return (
            <div key={name} className="compare-pair">
              <dt>{name}</dt>
              <dd>{`${formatValue(mean)} (${formatValue(range[0])} to ${formatValue(range[1])})`}</dd>
            </div>
          );
        })}
      </dl>
    </div>
  );
}

function rowsOf(bands: readonly CurveBand[], names: readonly string[]): Row[] {
  const steps = [...new Set(bands.map(({ step }) => step))].sort((a, b) => a - b);
  return steps.map((step) => {
    const here = names.map((name) => bands.find((band) => band.configuration === name && band.step === step));
    return {
      step,
      means: here.map((band) => band?.mean),
      ranges: here.map((band) => band && ([band.min, band.max] as const)),
    };
  });
}

function colour(index: number): string {
  return `var(--series-${index % COLOURS})`;
}

/** Differs too where two share a colour. */
function dash(index: number): string {
  return DASHES[index % DASHES.length] ?? '';
}
