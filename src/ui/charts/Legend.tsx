import { metrics } from '../../state/metrics';
import { formatValue } from '../shared/format';
import { topFirst, type Band, type Curve } from './curves';
import { REFERENCE } from './palette';
import type { Reference } from './registry';
import { Swatch } from './Swatch';

/** What the lines are, by name. */
export function Legend({
  curves,
  bands,
  reference,
}: {
  readonly curves: readonly Curve[];
  readonly bands: readonly Band[];
  readonly reference?: Reference | undefined;
}) {
  const banded = new Set(bands.map(({ id }) => id));
  return (
    <ul className="legend">
      {topFirst(curves, ({ source }) => source).flatMap((curve) => {
        const { id, name, look, raw, kind } = curve;
        const own = curve.source === 'run';
        // Circles in the colour of a run need no name of their own.
        if (kind === 'points' && !own) return [];
        const text = kind === 'points' ? validationText() : name === '' ? 'training' : name;
        const line = (
          <li key={id}>
            <Swatch look={look} kind={kind} band={banded.has(`${id} band`)} />
            <span className="number">
              {own && raw !== undefined && name === '' ? `${text}, smoothed` : text}
            </span>
          </li>
        );
        if (!own || raw === undefined || name !== '') return [line];
        return [
          line,
          <li key={`${id} raw`}>
            <Swatch look={look} kind="raw" />
            {`${text}, every step`}
          </li>,
        ];
      })}
      {reference === undefined ? null : (
        <li>
          <Swatch look={REFERENCE} kind="reference" />
          {reference.name}
        </li>
      )}
    </ul>
  );
}

function validationText(): string {
  const [first, last] = [metrics.validation[0]?.loss, metrics.validation.at(-1)?.loss];
  return first === undefined || last === undefined
    ? 'validation'
    : `validation ${formatValue(first)} → ${formatValue(last)}`;
}
