import type { ModuleName } from '../../config/modules';
import type { ExpertReport } from '../../engine/analysis/features/report';
import { loadMap, taskLoadMap } from './figures';
import { HeatMap } from './HeatMap';

/** What the routers of a module do with the tokens: over the layers, and in one layer over the tasks. */
export function Loads({
  report,
  layer,
  module,
}: {
  readonly report: ExpertReport;
  readonly layer: number;
  readonly module: ModuleName;
}) {
  const load = loadMap(report, module);
  if (load === undefined) return null;
  const byTask = taskLoadMap(report, layer, module);
  const experts = load.map.map((_, index) => String(index + 1));
  return (
    <>
      <h3>Who does the work?</h3>
      <p className="small muted number">
        {`The router gives each token gates that add up to 1; at ${(1 / experts.length).toFixed(2)} all experts do the same share. Over all layers the gates of a token have an entropy of ${load.entropy.toFixed(3)} nats in the mean: 0 is one expert a token, ${Math.log(experts.length).toFixed(3)} all alike.`}
      </p>
      <div className="plots">
        <HeatMap
          title={`Load of each expert, ${module}`}
          note="mean gate of all tokens (share of 1), experts down, layers across"
          values={load.map}
          rows={experts}
          columns={load.layers.map(String)}
          of={['expert', 'layer']}
          {...SHARE}
        />
        {byTask === undefined ? null : (
          <HeatMap
            title={`Load by task, layer ${layer}, ${module}`}
            note="mean gate of the tokens of a task (share of 1), tasks down, experts across"
            values={byTask.map}
            rows={byTask.tasks}
            columns={experts}
            of={['', 'expert']}
            {...SHARE}
          />
        )}
      </div>
    </>
  );
}

/** Of a gate. */
const SHARE = { low: 0, high: 1 };
