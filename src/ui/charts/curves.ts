import type { RunConfig } from '../../config/runConfig';
import type { MetricsLog } from '../../state/metrics';
import { nearestIndex, runningSum, smooth } from '../../state/series';
import type { XAxisKind } from '../../state/view';
import { lookOf, type Look } from './palette';
import type { ChartSpec } from './registry';

/** A line over rising positions, in the units of the axes. */
export interface Curve {
  readonly id: string;
  readonly name: string;
  /** Id of the run that it is of, and which of its lines it is. */
  readonly source: string;
  readonly line: string;
  readonly look: Look;
  readonly x: Float64Array;
  readonly y: Float64Array;
  /** The steps at the positions, where x is something else. */
  readonly steps: Float64Array;
  /** The values of which y is the moving average; drawn faint behind it. */
  readonly raw?: Float64Array;
  /** `points` marks every value and joins them thinly; `ghost` stands behind everything. */
  readonly kind: 'line' | 'points' | 'ghost';
}

/** What lies between two lines. */
export interface Band {
  readonly id: string;
  readonly colour: string;
  readonly x: Float64Array;
  readonly low: Float64Array;
  readonly high: Float64Array;
}

/** A run whose curves are drawn. */
export interface Source {
  readonly id: string;
  readonly name: string;
  readonly log: MetricsLog;
  readonly role: 'current' | 'ghost' | 'overlay';
  /** Which look it has; the run on the page has 0. */
  readonly slot: number;
  /** The same for runs that differ only in their seed; undefined where the settings are not known. */
  readonly group: string | undefined;
  /** What it was trained with, for captions. */
  readonly settings: RunConfig | undefined;
}

/** Where the steps of a run lie on the axis. */
export function positions(log: MetricsLog, axis: XAxisKind): Float64Array {
  if (axis === 'step') return log.column('step');
  return runningSum(log.column(axis === 'tokens' ? 'tokens' : 'seconds'));
}

/** Where the end of a step lies on the axis; the start of the run for step 0. */
export function positionOf(log: MetricsLog, axis: XAxisKind, step: number): number {
  if (axis === 'step' || log.length === 0) return axis === 'step' ? step : 0;
  const steps = log.column('step');
  if (step < (steps[0] ?? 1)) return 0;
  return positions(log, axis)[nearestIndex(steps, step)] ?? 0;
}

/**
 * The curves of one chart, the run on the page last, so that it lies on top.
 *
 * @param smoothing weight of the moving average; it runs over all values, not over those drawn
 */
export function chartCurves(
  spec: ChartSpec,
  sources: readonly Source[],
  { smoothing, xAxis }: { readonly smoothing: number; readonly xAxis: XAxisKind },
): Curve[] {
  const order = { ghost: 0, overlay: 1, current: 2 };
  const behindFirst = [...sources].sort((a, b) => order[a.role] - order[b.role]);
  return behindFirst.flatMap((source) => {
    const { log, role, id } = source;
    const steps = log.column('step');
    const x = positions(log, xAxis);
    const lines = spec.lines(log);
    // All lines of the run before look alike, so that several could not be told apart.
    if (role === 'ghost' && lines.length > 1) return [];
    const curves = lines.map(({ name, values }, index): Curve => {
      const averaged = spec.smoothed && smoothing > 0;
      return {
        id: `${id} ${index}`,
        source: id,
        line: name,
        name: [source.name, name].filter((part) => part !== '').join(': '),
        look: role === 'ghost' ? GHOST : lookOf(source.slot * lines.length + index),
        x,
        y: averaged ? smooth(values, smoothing) : values,
        steps,
        ...(averaged && role !== 'ghost' ? { raw: values } : {}),
        kind: role === 'ghost' ? 'ghost' : 'line',
      };
    });
    return spec.validation && role !== 'ghost' ? [...curves, ...validation(source, xAxis)] : curves;
  });
}

/** Curves as one reads them: the run on top first, and of each run its lines in their order. */
export function topFirst<T>(curves: readonly T[], sourceOf: (curve: T) => string): T[] {
  const sources = [...new Set(curves.map(sourceOf))].reverse();
  return sources.flatMap((source) => curves.filter((curve) => sourceOf(curve) === source));
}

/** Grey, and broken unlike any other line. */
const GHOST: Look = { colour: 'var(--line-strong)', dash: '3 3' };

function validation({ log, id, name, role, slot }: Source, xAxis: XAxisKind): Curve[] {
  if (log.validation.length === 0) return [];
  const steps = Float64Array.from(log.validation, ({ step }) => step);
  const curve: Curve = {
    id: `${id} validation`,
    source: id,
    line: 'validation',
    name: role === 'current' ? 'validation' : `${name}: validation`,
    look: { colour: role === 'current' ? 'var(--ink)' : lookOf(slot).colour, dash: '3 4' },
    x: xAxis === 'step' ? steps : steps.map((step) => positionOf(log, xAxis, step)),
    y: Float64Array.from(log.validation, ({ loss }) => loss),
    steps,
    kind: 'points',
  };
  return [curve];
}
