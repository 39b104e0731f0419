import { useMemo, useState } from 'react';
import { curveBands, type CurveBand } from '../../compare/curves';
import type { RunResult } from '../../compare/result';
import type { Band, Curve } from '../charts/curves';
import { Legend } from '../charts/Legend';
import { lookOf } from '../charts/palette';
import { Plot } from '../charts/Plot';
import { Swatch } from '../charts/Swatch';
import { formatValue } from '../shared/format';

type Measure = CurveBand['measure'];

const MEASURES: readonly (readonly [Measure, string])[] = [
  ['val_loss', 'Validation loss'],
  ['loss', 'Training loss'],
];
const HEIGHT = 280;

/** The losses of every configuration: the mean over its seeds as a line, least to greatest as a band around it. */
export function BandChart({ runs }: { readonly runs: readonly RunResult[] }) {
  const all = useMemo(() => curveBands(runs), [runs]);
  const [wanted, setWanted] = useState<Measure>('val_loss');
  const hasValidation = all.some(({ measure }) => measure === 'val_loss');
  const measure = hasValidation ? wanted : 'loss';
  const drawn = useMemo(() => drawingOf(all, measure), [all, measure]);
  const title = MEASURES.find(([id]) => id === measure)?.[1] ?? '';
  const seeds = new Set(runs.map(({ seed }) => seed)).size;
  const what = seeds > 1 ? `mean over ${seeds} seeds in a band from the least to the greatest` : 'one seed';
  return (
    <figure aria-label="Loss curves of the comparison">
      <div className="compare-head">
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
        <span className="small muted">{`nats per token, ${what}`}</span>
      </div>
      <Plot
        title={title}
        description={`nats per token, ${what}`}
        height={HEIGHT}
        curves={drawn.curves}
        bands={drawn.bands}
        group="compare"
        empty=""
        readout={(step) => <Values step={step} bands={all.filter((band) => band.measure === measure)} />}
      />
      <Legend curves={drawn.curves} bands={drawn.bands} />
    </figure>
  );
}

/** The curves of one loss, the first configuration last, so that it lies on top. */
function drawingOf(all: readonly CurveBand[], measure: Measure) {
  const names = namesIn(all);
  const drawn = names.map((name, index): { curve: Curve; band: Band } => {
    const own = all.filter((band) => band.configuration === name && band.measure === measure);
    const x = Float64Array.from(own, ({ step }) => step);
    const look = lookOf(index);
    return {
      curve: {
        ...{ id: name, name, source: name, line: '', look, x, steps: x, kind: 'line' },
        y: Float64Array.from(own, ({ mean }) => mean),
      },
      band: {
        ...{ id: `${name} band`, colour: look.colour, x },
        low: Float64Array.from(own, ({ min }) => min),
        high: Float64Array.from(own, ({ max }) => max),
      },
    };
  });
  drawn.reverse();
  return { curves: drawn.map(({ curve }) => curve), bands: drawn.map(({ band }) => band) };
}

/** Mean and range of every configuration at a step. */
function Values({ step, bands }: { readonly step: number; readonly bands: readonly CurveBand[] }) {
  return (
    <div className="tooltip">
      <dl>
        <dt>step</dt>
        <dd>{step}</dd>
        {namesIn(bands).map((name, index) => {
          const band = bands.find((own) => own.configuration === name && own.step === step);
          if (band === undefined) return null;
          const range = band.n > 1 ? ` (${formatValue(band.min)} to ${formatValue(band.max)})` : '';
          return (
            <div key={name} className="tooltip-curve">
              <dt>
                <Swatch look={lookOf(index)} />
                {name}
              </dt>
              <dd>{`${formatValue(band.mean)}${range}`}</dd>
            </div>
          );
        })}
      </dl>
    </div>
  );
}

function namesIn(bands: readonly CurveBand[]): readonly string[] {
  return [...new Set(bands.map(({ configuration }) => configuration))];
}
