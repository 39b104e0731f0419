import { useEffect } from 'react';
import { useStore } from 'zustand';
import { metricsVersion } from '../../state/metrics';
import { followShown, overlayStore } from '../../state/overlay';
import { runStore } from '../../state/run';
import { viewStore } from '../../state/view';
import { Notice } from '../shared/Notice';
import { ChartCard } from './ChartCard';
import { LOSS_CHART, SMALL_CHARTS } from './registry';
import { useSources } from './sources';
import { Toolbar } from './Toolbar';

/** The loss, large, and everything else about the runs, small; one toolbar for all of them. */
export function Charts() {
  useStore(metricsVersion, ({ version }) => version); // ten times a second at most
  const sources = useSources();
  const xAxis = useStore(viewStore, (view) => view.xAxis);
  const problem = useStore(overlayStore, (state) => state.problem);
  const planned = useStore(runStore, ({ status, settings }) =>
    status.phase === 'done' ? status.step : (settings?.max_steps ?? 0),
  );
  useEffect(followShown, []);
  const small = SMALL_CHARTS.filter((spec) => sources.some(({ log }) => spec.lines(log).length > 0));
  const nothing = sources.every(({ log }) => log.length === 0);
  const shared = {
    sources,
    // Tokens and time are known only when they are spent.
    reach: xAxis !== 'step' ? 0 : nothing && planned === 0 ? 100 : planned,
  };
  return (
    <section className="charts" aria-label="Charts">
      <Toolbar specs={[LOSS_CHART, ...small]} sources={sources} />
      {problem === undefined ? null : <Notice bad>{problem}</Notice>}
      <ChartCard
        spec={LOSS_CHART}
        height={300}
        empty="The loss appears here, step by step."
        legend
        {...shared}
      />
      <div className="small-charts">
        {small.map((spec) => {
          const several = sources.some(({ log }) => spec.lines(log).length > 1);
          return <ChartCard key={spec.id} spec={spec} height={140} empty="" legend={several} {...shared} />;
        })}
      </div>
    </section>
  );
}
