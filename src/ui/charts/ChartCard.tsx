import { memo, useCallback, useRef, useState } from 'react';
import { useStore } from 'zustand';
import { useShallow } from 'zustand/react/shallow';
import { metrics } from '../../state/metrics';
import { nearestIndex } from '../../state/series';
import { chartView, viewStore } from '../../state/view';
import { formatValue } from '../shared/format';
import { seedBands } from './bands';
import { ChartMenu } from './ChartMenu';
import { ChartTable } from './ChartTable';
import { chartCurves, positions, type Curve, type Source } from './curves';
import { hoverStore } from './hover';
import { Legend } from './Legend';
import { Plot } from './Plot';
import type { ChartSpec, Reference } from './registry';
import { currentMarks } from './sources';
import { useDrawnVersion } from './turns';

/** The charts of the run on the page share what is pointed at. */
export const RUN_GROUP = 'run';

/**
 * One quantity of all runs that are shown: its latest value, the chart, the legend, and a table for who asks. It is drawn
 * when its turn comes.
 */
export const ChartCard = memo(function ChartCard({
  spec,
  sources,
  reach,
  height,
  empty,
  legend,
}: {
  readonly spec: ChartSpec;
  readonly sources: readonly Source[];
  readonly reach: number;
  readonly height: number;
  readonly empty: string;
  readonly legend: boolean;
}) {
  const isDrawn = useDrawnVersion() !== undefined;
  const view = useStore(viewStore, useShallow(chartView));
  const [table, setTable] = useState(false);
  const area = useRef<HTMLDivElement>(null);
  const reference = referenceOf(spec, sources);
  const { curves, bands } = seedBands(chartCurves(spec, sources, view), sources, view.bands);
  const follow = useCallback((x: number | undefined) => {
    viewStore.setState({ cursor: x === undefined ? undefined : stepAt(x) });
  }, []);
  return (
    <figure className="card" aria-label={spec.title} data-chart={spec.id}>
      <div className="card-head">
        <div className="chart-title">
          <h2>{spec.title}</h2>
          <Latest spec={spec} curves={curves} />
        </div>
        <ChartMenu {...{ spec, sources, curves, reference, area, table }} onTable={setTable} />
      </div>
      <div ref={area} style={{ minHeight: height }}>
        {isDrawn ? (
          <Plot
            title={spec.title}
            description={spec.label === '' ? spec.title : spec.label}
            height={height}
            curves={curves}
            bands={bands}
            marks={currentMarks(view.xAxis)}
            kind={view.xAxis}
            logX={view.logX}
            logY={view.logY}
            ignoreOutliers={view.ignoreOutliers}
            reach={reach}
            {...(reference !== undefined && { reference: reference.value })}
            group={RUN_GROUP}
            empty={empty}
            onPoint={follow}
          />
        ) : null}
      </div>
      {legend ? <Legend curves={curves} bands={bands} reference={reference} /> : null}
      {table ? (
        <ChartTable title={spec.title} curves={curves} kind={view.xAxis} format={formatValue} />
      ) : null}
    </figure>
  );
});

/** The value of the run on the page: the latest, or the one that is pointed at on any chart. */
function Latest({ spec, curves }: { readonly spec: ChartSpec; readonly curves: readonly Curve[] }) {
  const at = useStore(hoverStore, ({ hover }) => (hover?.group === RUN_GROUP ? hover.x : undefined));
  const own = curves.filter(({ source, kind }) => source === 'run' && kind === 'line');
  const curve = own[0];
  if (own.length !== 1 || curve === undefined) return <span className="chart-latest">{spec.label}</span>;
  const values = curve.raw ?? curve.y;
  const value = values[at === undefined ? values.length - 1 : nearestIndex(curve.x, at)];
  return (
    <span className="chart-latest number">
      {value === undefined ? null : <strong>{formatValue(value)}</strong>} {spec.label}
    </span>
  );
}

/** The level of the run that lies on top of those that have one. */
function referenceOf({ reference }: ChartSpec, sources: readonly Source[]): Reference | undefined {
  const levels = sources.map(({ log }) => (log.length > 0 ? reference?.(log) : undefined));
  return levels.findLast((level) => level !== undefined);
}

/** The step of the run on the page that lies nearest to a position. */
function stepAt(x: number): number {
  const { xAxis } = viewStore.getState();
  if (xAxis === 'step') return x;
  return metrics.column('step')[nearestIndex(positions(metrics, xAxis), x)] ?? 0;
}
