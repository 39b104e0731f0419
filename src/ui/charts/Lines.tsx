import { useId, useMemo } from 'react';
import { usePlotArea, useXAxisScale, useYAxisScale } from 'recharts';
import { useStore } from 'zustand';
import { formatValue } from '../shared/format';
import { hoverStore } from './hover';
import { pointAt, type Beyond, type DrawnBand, type DrawnCurve, type PlotModel } from './plotModel';

/** Pixels of a position; the scale of an axis of recharts, which knows no positions for some values. */
type Scale = (value: number) => number | undefined;

/**
 * The curves, bands and outliers of a chart, drawn as one path each: a thousand elements of a chart library for every
 * line and redraw would be too slow for ten redraws a second.
 */
export function Lines({ model }: { readonly model: PlotModel }) {
  const [x, y, area] = [useXAxisScale(), useYAxisScale(), usePlotArea()];
  const clip = useId();
  const paths = useMemo(() => (x && y ? pathsOf(model, x as Scale, y as Scale) : []), [model, x, y]);
  if (!x || !y || !area) return null;
  return (
    <>
      <clipPath id={clip}>
        <rect x={area.x} y={area.y - 1} width={area.width + 1} height={area.height + 2} />
      </clipPath>
      <g clipPath={`url(#${clip})`} fill="none" strokeLinejoin="round">
        {model.bands.map((drawn) => (
          <path
            key={drawn.band.id}
            className="chart-band"
            d={bandPath(drawn, x as Scale, y as Scale)}
            fill={drawn.band.colour}
            fillOpacity={0.16}
          />
        ))}
        {paths.map(({ drawn: { curve }, line, raw }) => {
          const { colour, dash } = curve.look;
          const width = curve.kind === 'line' ? 2 : curve.kind === 'ghost' ? 1.5 : 1;
          return (
            <g key={curve.id} stroke={colour}>
              {raw === '' ? null : (
                <path
                  className="chart-raw"
                  d={raw}
                  strokeWidth={1}
                  strokeOpacity={curve.source === 'run' ? 0.35 : 0.16}
                />
              )}
              <path className="chart-line" d={line} strokeWidth={width} strokeDasharray={dash} />
            </g>
          );
        })}
      </g>
      {model.curves.map((drawn) => (
        <Dots key={drawn.curve.id} drawn={drawn} x={x as Scale} y={y as Scale} />
      ))}
      <Arrows beyond={model.beyond} x={x} area={area} />
    </>
  );
}

/** Circles around measured points: of a curve of few, and of a line of a single one. */
function Dots({ drawn, x, y }: { readonly drawn: DrawnCurve; readonly x: Scale; readonly y: Scale }) {
  const { curve, points } = drawn;
  if (curve.kind !== 'points' && points.length !== 1) return null;
  return points.map((index) => {
    const [left, top] = [x(curve.x[index] ?? NaN), y(curve.y[index] ?? NaN)];
    if (left === undefined || top === undefined || !Number.isFinite(left + top)) return null;
    return (
      <circle
        key={index}
        className="chart-dot"
        cx={left}
        cy={top}
        r={3.5}
        fill="var(--surface)"
        stroke={curve.look.colour}
        strokeWidth={1.75}
      />
    );
  });
}

interface Area {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Small arrows at the edge for what lies beyond the scale; of neighbours the furthest. */
function Arrows({
  beyond,
  x,
  area,
}: {
  readonly beyond: readonly Beyond[];
  readonly x: Scale;
  readonly area: Area;
}) {
  const shown = new Map<string, Beyond & { readonly left: number }>();
  for (const point of beyond) {
    const left = x(point.x);
    if (left === undefined) continue;
    const key = `${point.side} ${Math.round(left / ARROW)}`;
    const other = shown.get(key);
    const further =
      other === undefined || (point.side === 'above' ? point.value > other.value : point.value < other.value);
    if (further) shown.set(key, { ...point, left });
  }
  return [...shown].map(([key, { left, side, value, colour }]) => {
    const [edge, tip] =
      side === 'above' ? [area.y + 6, area.y] : [area.y + area.height - 6, area.y + area.height];
    return (
      <path
        key={key}
        className="chart-beyond"
        d={`M${left} ${tip}L${left - 4} ${edge}H${left + 4}Z`}
        fill={colour}
      >
        <title>{`${formatValue(value)}, ${side} the scale`}</title>
      </path>
    );
  });
}

/** Pixels between two arrows. */
const ARROW = 9;

/** The line of what is pointed at, and what every curve has there. */
export function Cursor({ model, group }: { readonly model: PlotModel; readonly group: string }) {
  const [x, y, area] = [useXAxisScale(), useYAxisScale(), usePlotArea()];
  const hover = useStore(hoverStore, (state) => (state.hover?.group === group ? state.hover : undefined));
  if (!x || !y || !area || hover === undefined) return null;
  const left = x(hover.x) ?? NaN;
  if (!(left >= area.x - 1 && left <= area.x + area.width + 1)) return null;
  return (
    <g className="chart-cursor" pointerEvents="none">
      <path d={`M${left} ${area.y}V${area.y + area.height}`} stroke="var(--line-strong)" />
      {model.curves.map((drawn) => {
        const index = pointAt(drawn, model, hover.x);
        if (index === undefined) return null;
        const { curve } = drawn;
        const top = y(curve.y[index] ?? NaN) ?? NaN;
        if (!(top >= area.y && top <= area.y + area.height)) return null;
        return (
          <circle key={curve.id} cx={x(curve.x[index] ?? NaN)} cy={top} r={3} fill={curve.look.colour} />
        );
      })}
    </g>
  );
}

function pathsOf({ curves }: PlotModel, x: Scale, y: Scale) {
  return curves.map((drawn) => {
    const { curve, points, rawPoints } = drawn;
    return {
      drawn,
      line: linePath(curve.x, curve.y, points, x, y),
      raw: curve.raw === undefined ? '' : linePath(curve.x, curve.raw, rawPoints, x, y),
    };
  });
}

/** Far outside of every picture: larger numbers are not drawn well. */
const FAR = 1e4;

/** A path through points; what has no place on an axis breaks it. */
export function linePath(
  x: Float64Array,
  values: Float64Array,
  points: readonly number[],
  scaleX: Scale,
  scaleY: Scale,
): string {
  let path = '';
  let pen = 'M';
  for (const index of points) {
    const left = scaleX(x[index] ?? NaN) ?? NaN;
    const top = scaleY(values[index] ?? NaN) ?? NaN;
    if (!Number.isFinite(left) || Number.isNaN(top)) {
      pen = 'M';
      continue;
    }
    path += `${pen}${Math.round(left * 10) / 10} ${Math.round(Math.max(-FAR, Math.min(FAR, top)) * 10) / 10}`;
    pen = 'L';
  }
  return path;
}

function bandPath({ band, points }: DrawnBand, x: Scale, y: Scale): string {
  const there = linePath(band.x, band.high, points, x, y);
  const back = linePath(band.x, band.low, [...points].reverse(), x, y);
  return there === '' || back === '' ? '' : `${there}L${back.slice(1)}Z`;
}
