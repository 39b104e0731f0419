import type { XAxisKind } from '../../state/view';
import { columnEdges, nearestIndex, reduceToColumns } from '../../state/series';
import { unitOf } from './axes';
import type { Band, Curve } from './curves';
import { valueDomain } from './domain';
import { logTicks, niceTicks, within } from './ticks';

/** How the axes of a chart are to be. */
export interface PlotWishes {
  readonly kind: XAxisKind;
  readonly logX: boolean;
  readonly logY: boolean;
  readonly ignoreOutliers: boolean;
  /** Where x ends at least: the steps that are planned. */
  readonly reach: number;
  /** Ticks of y, the first and last of which are its ends; fitted to the values where they are left out. */
  readonly ticksY?: readonly number[];
  /** Values that y must reach, such as a line of reference. */
  readonly include?: readonly number[];
  /** Of the drawing, in pixels. */
  readonly width: number;
  readonly height: number;
}

/** An axis, ready to be drawn. */
export interface Axis {
  readonly from: number;
  readonly to: number;
  readonly ticks: readonly number[];
  readonly log: boolean;
}

/** A curve and which of its points are drawn. */
export interface DrawnCurve {
  readonly curve: Curve;
  readonly points: readonly number[];
  readonly rawPoints: readonly number[];
}

export interface DrawnBand {
  readonly band: Band;
  readonly points: readonly number[];
}

/** A value beyond the scale. */
export interface Beyond {
  readonly x: number;
  readonly value: number;
  readonly colour: string;
  readonly side: 'above' | 'below';
}

/** Everything about a chart that does not depend on where its pixels are. */
export interface PlotModel {
  readonly x: Axis;
  readonly y: Axis;
  readonly curves: readonly DrawnCurve[];
  readonly bands: readonly DrawnBand[];
  /** Positions that can be pointed at: one a pixel column, the one furthest from its average where there are more. */
  readonly stops: readonly { readonly x: number }[];
  readonly beyond: readonly Beyond[];
  /** Values at or below zero, which a logarithmic axis has no place for. */
  readonly hidden: { readonly x: number; readonly y: number };
  /** x of one pixel column. */
  readonly edges: Float64Array;
}

/** Two points a column and line: about a thousand on the widest screen. */
const MOST_COLUMNS = 480;
const PIXELS_PER_TICK = { x: 76, y: 56 };

/** Reduces the curves to what a chart of this size can show, and fits the axes around it. */
export function plotModel(curves: readonly Curve[], bands: readonly Band[], wishes: PlotWishes): PlotModel {
  const columns = Math.max(1, Math.min(MOST_COLUMNS, Math.floor(wishes.width)));
  const x = axisX(curves, wishes);
  const edges = columnEdges(x.from, x.to, columns, x.log);
  const reduced = (at: Float64Array, values: Float64Array) => {
    const points = reduceToColumns(at, values, edges);
    return x.log ? points.filter((index) => (at[index] ?? 0) >= x.from) : points;
  };
  const drawn = curves.map((curve): DrawnCurve => {
    const { raw } = curve;
    return {
      curve,
      points: reduced(curve.x, curve.y),
      rawPoints: raw === undefined ? [] : reduced(curve.x, raw),
    };
  });
  const drawnBands = bands.map((band): DrawnBand => ({ band, points: reduced(band.x, band.high) }));
  const values: number[] = [...(wishes.include ?? [])];
  for (const { curve, points, rawPoints } of drawn) {
    for (const index of points) values.push(curve.y[index] ?? NaN);
    for (const index of rawPoints) values.push(curve.raw?.[index] ?? NaN);
  }
  for (const { band, points } of drawnBands) {
    for (const index of points) values.push(band.low[index] ?? NaN, band.high[index] ?? NaN);
  }
  const domain = valueDomain(values, wishes.logY, wishes.ignoreOutliers);
  const y = axisY(domain, wishes);
  return {
    ...{ x, y, curves: drawn, bands: drawnBands, edges },
    hidden: {
      x: x.log ? countHidden(curves.map((curve) => curve.x)) : 0,
      y: y.log ? countHidden(curves.map(({ raw, y }) => raw ?? y)) : 0,
    },
    stops: stopsOf(drawn, edges),
    beyond: beyond(drawn, y),
  };
}

function countHidden(columns: readonly Float64Array[]): number {
  let count = 0;
  for (const values of columns) for (const value of values) if (value <= 0) count += 1;
  return count;
}

function axisX(curves: readonly Curve[], { kind, logX, reach, width }: PlotWishes): Axis {
  let to = reach;
  let from = Infinity;
  for (const { x } of curves) {
    to = Math.max(to, x.at(-1) ?? 0);
    // A logarithmic axis begins with the first step; what was measured before it has no place there.
    from = Math.min(from, x.find((value) => value > 0) ?? Infinity);
  }
  const wanted = Math.max(2, Math.floor(width / PIXELS_PER_TICK.x));
  if (!logX) {
    const end = to > 0 ? to : 1;
    const unit = kind === 'time' ? unitOf(end).seconds : 1;
    const inside = (number: number) => {
      const ticks = niceTicks(0, end / unit, number).map((tick) => tick * unit);
      return within(kind === 'step' ? ticks.filter((tick) => Number.isInteger(tick)) : ticks, 0, end);
    };
    // The end stays where it is, so the last round number may lie beyond it: closer ones then.
    const ticks = inside(wanted);
    return { from: 0, to: end, ticks: ticks.length < 3 ? inside(wanted + 2) : ticks, log: false };
  }
  const start = Number.isFinite(from) ? from : 1;
  const end = to > start ? to : 10 * start;
  return { from: start, to: end, ticks: within(logTicks(start, end, wanted), start, end), log: true };
}

function axisY({ min, max }: { readonly min: number; readonly max: number }, wishes: PlotWishes): Axis {
  const wanted = Math.max(3, Math.round(wishes.height / PIXELS_PER_TICK.y));
  const log = wishes.logY && wishes.ticksY === undefined;
  const ticks = wishes.ticksY ?? (log ? logTicks(min, max, wanted) : niceTicks(min, max, wanted));
  return { from: ticks[0] ?? 0, to: ticks.at(-1) ?? 1, ticks, log };
}

function stopsOf(curves: readonly DrawnCurve[], edges: Float64Array): { readonly x: number }[] {
  const columns = edges.length - 1;
  const chosen = new Float64Array(columns).fill(NaN);
  const distance = new Float64Array(columns).fill(-1);
  const offer = (x: number, far: number, column: number) => {
    if (far <= (distance[column] ?? 0)) return;
    chosen[column] = x;
    distance[column] = far;
  };
  for (const { curve, points, rawPoints } of [...curves].reverse()) {
    const { x, y, raw } = curve;
    let column = 0;
    for (const index of rawPoints.length > 0 ? rawPoints : points) {
      const at = x[index] ?? NaN;
      while (column < columns - 1 && at >= (edges[column + 1] ?? Infinity)) column += 1;
      // Curves that come later lie below: they only fill the columns that are free.
      const far = raw === undefined ? 0 : Math.abs((raw[index] ?? NaN) - (y[index] ?? NaN));
      offer(at, curve === curves.at(-1)?.curve ? far : Math.min(far, 0), column);
    }
  }
  return Array.from(chosen).flatMap((x) => (Number.isNaN(x) ? [] : [{ x }]));
}

function beyond(curves: readonly DrawnCurve[], { from, to }: Axis): Beyond[] {
  return curves.flatMap(({ curve, points, rawPoints }) => {
    const { x, y, raw, look } = curve;
    const values = raw ?? y;
    return (raw === undefined ? points : rawPoints).flatMap((index): Beyond[] => {
      const value = values[index] ?? NaN;
      if (!(value > to) && !(value < from)) return [];
      const side = value > to ? 'above' : 'below';
      return [{ x: x[index] ?? 0, value, colour: look.colour, side }];
    });
  });
}

/** What a curve says at a position: the index of its point there, or undefined where it has none. */
export function pointAt({ curve }: DrawnCurve, { edges }: PlotModel, at: number): number | undefined {
  const index = nearestIndex(curve.x, at);
  if (index < 0) return undefined;
  const distance = Math.abs((curve.x[index] ?? NaN) - at);
  const column = nearestIndex(edges, at);
  const width = (edges[Math.max(1, column)] ?? 1) - (edges[Math.max(1, column) - 1] ?? 0);
  if (curve.kind === 'points' && distance > width) return undefined;
  const inside = at >= (curve.x[0] ?? NaN) - width && at <= (curve.x.at(-1) ?? NaN) + width;
  return inside ? index : undefined;
}
