import { useStore } from 'zustand';
import type { ModuleName } from '../../config/modules';
import type { ExpertReport, StackReport } from '../../engine/analysis/features/report';
import { chooseBlock, viewStore } from '../../state/view';
import {
  barRows,
  depthRows,
  hasGaps,
  layersOf,
  middleLayer,
  modulesOf,
  spectrumLines,
  spectrumRows,
} from './figures';
import { HeatMap } from './HeatMap';
import { Loads } from './Loads';
import { PlacePicker } from './PlacePicker';
import { BarPlot, LinePlot } from './Plots';

/** Why a value can be missing. */
const NO_CKA =
  ' It is not defined (–) for a layer whose features are the same for all tokens, as the first one’s where all prompts end alike.';

/** Similarity over depth, ranks, distances and loads of one look. */
export function Report({ report }: { readonly report: ExpertReport }) {
  const modules = modulesOf(report);
  const block = useStore(viewStore, (view) => view.block); // the one that is chosen in the picture of the method
  const module = modules.find((name) => name === block?.module) ?? modules[0] ?? 'q_proj';
  const layer = report.layers.find((index) => index === block?.layer) ?? middleLayer(report);
  return (
    <>
      <h3>Do layers do the same?</h3>
      <p className="small muted">
        Linear CKA compares what two layers make of the same tokens: 1 where one is the other turned and
        scaled, 0 where they have nothing in common.
        {hasGaps(report) ? NO_CKA : ''}
      </p>
      <div className="plots">
        {(['a_outputs', 'increments'] as const).map((of) => (
          <LinePlot
            key={of}
            title={of === 'a_outputs' ? 'CKA of A-outputs over depth' : 'CKA of increments over depth'}
            across="neighbouring layers"
            up={
              of === 'a_outputs'
                ? 'CKA of A x (no unit)'
                : 'CKA of s·B u, all that the adapter adds (no unit)'
            }
            rows={depthRows(report, of)}
            by="layers"
            series={modules}
          />
        ))}
        <BarPlot
          title="CKA by module type"
          across="module"
          up="mean CKA of adjacent layers (no unit)"
          rows={barRows(report)}
          by="module"
          series={['A-outputs', 'increments']}
        />
      </div>
      <div className="experts-controls">
        <PlacePicker
          report={report}
          layer={layer}
          module={module}
          onChange={(layer, module) => {
            chooseBlock({ part: 'A', expert: 0, ...block, layer, module });
          }}
        />
      </div>
      <Maps report={report} module={module} />
      <Ranks report={report} layer={layer} module={module} />
      <Stacks report={report} layer={layer} module={module} />
      <Loads report={report} layer={layer} module={module} />
    </>
  );
}

function Maps({ report, module }: { readonly report: ExpertReport; readonly module: ModuleName }) {
  const found = report.similarity.find((place) => place.module === module);
  const names = report.layers.map(String);
  if (found === undefined) return null;
  return (
    <div className="plots">
      {(['a_outputs', 'increments'] as const).map((of) => {
        const { map } = found[of];
        if (map === null) return null;
        const what = of === 'a_outputs' ? 'A-outputs' : 'increments';
        return (
          <HeatMap
            key={of}
            title={`CKA of each layer with each: ${what} of ${module}`}
            note="CKA (no unit), layers down and across"
            values={map}
            rows={names}
            columns={names}
            of={['layer', 'layer']}
            low={0}
            high={1}
          />
        );
      })}
    </div>
  );
}

function Ranks({ report, layer, module }: PlaceProps) {
  const lines = spectrumLines(report, layer, module);
  if (lines.length === 0) return null;
  const { r } = report.settings;
  const remarks = lines.map(({ rank, effectiveRank }) =>
    effectiveRank === null ? ': no direction' : `: rank ${rank}, effective ${effectiveRank.toFixed(2)}`,
  );
  return (
    <>
      <h3>How many directions?</h3>
      <p className="small muted">
        {`Theorem 1: A x has at most r = ${r} directions, and so has a sum of A’s, however many are summed; only side by side (stacked) may they have more. The rank counts the directions, the effective rank weighs them by their strength.`}
      </p>
      <div className="plots">
        <LinePlot
          title={`Singular values of A x, layer ${layer}, ${module}`}
          across="direction, strongest first"
          up="singular value over the largest (no unit)"
          rows={spectrumRows(lines)}
          by="index"
          series={lines.map(({ name }) => name)}
          remarks={remarks}
        />
      </div>
    </>
  );
}

interface PlaceProps {
  readonly report: ExpertReport;
  readonly layer: number;
  readonly module: ModuleName;
}

function Stacks({ report, layer, module }: PlaceProps) {
  const stacks = report.stacks.filter(
    ({ module: name, layers: [first, last] }) => name === module && first <= layer && layer <= last,
  );
  if (stacks.length === 0) return null;
  return (
    <>
      <h3>Do the experts part?</h3>
      {stacks.map((stack) => (
        <Stack key={stack.role} stack={stack} />
      ))}
    </>
  );
}

function Stack({ stack }: { readonly stack: StackReport }) {
  const { role, module, layers, distance, kept, gradient_cosine } = stack;
  const names = distance.map((_, index) => `${role}${index + 1}`);
  const map = (title: string, note: string, values: StackReport['distance'], low: number, high: number) => (
    <HeatMap
      title={title}
      note={`${note}; experts down and across`}
      values={values}
      rows={names}
      columns={names}
      low={low}
      high={high}
    />
  );
  const hasKept = kept?.some((row) => row.some((value) => value !== null)) === true;
  const began = kept !== null && !hasKept ? ' They all began as zero, so there is no initial distance.' : '';
  const from =
    gradient_cosine.from === 'algebra' ? 'by the algebra: one gradient serves all' : 'on one batch';
  return (
    <>
      <p className="small muted">{`The ${role}’s of ${module}, ${layersOf(layers)}.${began}`}</p>
      <div className="plots">
        {map('Distance', 'of the weights over their size: 0 equal, 1.41 unrelated', distance, 0, Math.SQRT2)}
        {!hasKept ? null : map('Distance kept', 'over the initial distance: 1 means tied', kept, 0, 2)}
        {map('Gradient cosine', `${from}: 1 means pushed the same way`, gradient_cosine.values, -1, 1)}
      </div>
    </>
  );
}
