import type { XAxisKind } from '../../state/view';
import { AXIS_NAMES, formatPosition } from './axes';
import { topFirst } from './curves';
import { pointAt, type PlotModel } from './plotModel';
import { Swatch } from './Swatch';

/** What every curve says at a position: the values themselves, not those that happen to be drawn. */
export function Readout({
  model,
  kind,
  x,
  format,
}: {
  readonly model: PlotModel;
  readonly kind: XAxisKind;
  readonly x: number;
  readonly format: (value: number) => string;
}) {
  const found = topFirst(model.curves, ({ curve }) => curve.source).flatMap((drawn) => {
    const index = pointAt(drawn, model, x);
    return index === undefined ? [] : [{ curve: drawn.curve, index }];
  });
  const step = found[0]?.curve.steps[found[0].index];
  return (
    <div className="tooltip">
      <dl>
        <dt>{AXIS_NAMES[kind]}</dt>
        <dd>{formatPosition(kind, x)}</dd>
        {kind === 'step' || step === undefined ? null : (
          <>
            <dt>step</dt>
            <dd>{formatPosition('step', step)}</dd>
          </>
        )}
        {found.map(({ curve, index }) => {
          const [raw, value] = [curve.raw?.[index], curve.y[index] ?? NaN];
          const own = curve.name === '';
          return (
            <div key={curve.id} className="tooltip-curve">
              <dt>
                <Swatch look={curve.look} />
                {own ? 'this run' : curve.name}
              </dt>
              <dd>{format(raw ?? value)}</dd>
              {raw === undefined || !own ? null : (
                <>
                  <dt>smoothed</dt>
                  <dd>{format(value)}</dd>
                </>
              )}
            </div>
          );
        })}
      </dl>
    </div>
  );
}
