import type { RunResult } from './result';

/** A loss of one configuration at one step, over its seeds: a line with a band around it. */
export interface CurveBand {
  readonly configuration: string;
  readonly measure: 'loss' | 'val_loss';
  readonly step: number;
  /** Runs that have it. */
  readonly n: number;
  readonly mean: number;
  readonly min: number;
  readonly max: number;
}

/** Mean, least and greatest loss at every logged step, by configuration in the order of the runs, loss by loss. */
export function curveBands(runs: readonly RunResult[]): CurveBand[] {
  const names = [...new Set(runs.map(({ configuration }) => configuration))];
  return names.flatMap((configuration) => {
    const points = runs.filter((run) => run.configuration === configuration).flatMap(({ curve }) => curve);
    const steps = [...new Set(points.map(({ step }) => step))].sort((a, b) => a - b);
    return (['loss', 'val_loss'] as const).flatMap((measure) =>
      steps.flatMap((step) => {
        const values = points.flatMap((point) => {
          const value = point[measure];
          return point.step === step && value !== undefined ? [value] : [];
        });
        const n = values.length;
        if (n === 0) return [];
        const mean = values.reduce((sum, value) => sum + value, 0) / n;
        const [min, max] = [Math.min(...values), Math.max(...values)];
        return [{ configuration, measure, step, n, mean, min, max }];
      }),
    );
  });
}
