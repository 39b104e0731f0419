import { useState } from 'react';
import { useStore } from 'zustand';
import { useShallow } from 'zustand/react/shallow';
import {
  chartView,
  setChartView,
  viewStore,
  type BandKind,
  type ChartView,
  type XAxisKind,
} from '../../state/view';
import { saveFile } from '../../storage/localFiles';
import { csvAxis } from './ChartMenu';
import { curvesCsv } from './csv';
import { chartCurves, type Source } from './curves';
import { Menu } from './Menu';
import { pictureStore } from './pictureStore';
import type { ChartSpec } from './registry';

const AXES: readonly (readonly [XAxisKind, string])[] = [
  ['step', 'Step'],
  ['tokens', 'Tokens'],
  ['time', 'Time'],
];
const BANDS: readonly (readonly [BandKind, string])[] = [
  ['none', 'One by one'],
  ['range', 'Least to greatest'],
  ['deviation', 'Mean ± one deviation'],
];
const MOST_SMOOTHING = 0.99;

/** How all charts are drawn. */
export function Toolbar({
  specs,
  sources,
}: {
  readonly specs: readonly ChartSpec[];
  readonly sources: readonly Source[];
}) {
  const view = useStore(viewStore, useShallow(chartView));
  const seeds = sources.filter(({ role }) => role === 'overlay').length > 1;
  return (
    <div className="chart-tools" role="toolbar" aria-label="How the charts are drawn">
      <Smoothing value={view.smoothing} />
      <Choice
        legend="Along x"
        name="chart-axis"
        options={AXES}
        value={view.xAxis}
        onChange={(xAxis) => {
          setChartView({ xAxis });
        }}
      />
      <div className="segments">
        <Switch view={view} name="logX" label="Log x" />
        <Switch view={view} name="logY" label="Log y" />
        <Switch view={view} name="ignoreOutliers" label="Ignore outliers" />
      </div>
      {seeds ? (
        <label className="chart-select">
          Seeds
          <select
            value={view.bands}
            onChange={({ target }) => {
              const bands = BANDS.find(([id]) => id === target.value)?.[0];
              if (bands !== undefined) setChartView({ bands });
            }}
          >
            {BANDS.map(([id, label]) => (
              <option key={id} value={id}>
                {label}
              </option>
            ))}
          </select>
        </label>
      ) : null}
      <ExportAll specs={specs} sources={sources} />
    </div>
  );
}

function Smoothing({ value }: { readonly value: number }) {
  const [typed, setTyped] = useState<string | undefined>(undefined);
  const set = (smoothing: number) => {
    if (Number.isFinite(smoothing)) {
      setChartView({ smoothing: Math.min(MOST_SMOOTHING, Math.max(0, smoothing)) });
    }
  };
  return (
    <div className="smoothing">
      <label htmlFor="smoothing">Smoothing</label>
      <input
        id="smoothing"
        type="range"
        min={0}
        max={MOST_SMOOTHING}
        step={0.01}
        value={value}
        onChange={({ target }) => {
          set(Number(target.value));
        }}
      />
      <input
        className="number"
        type="text"
        inputMode="decimal"
        aria-label="Smoothing as a number"
        value={typed ?? value.toFixed(2)}
        onChange={({ target }) => {
          setTyped(target.value);
        }}
        onBlur={() => {
          if (typed !== undefined && typed.trim() !== '') set(Number(typed));
          setTyped(undefined);
        }}
        onKeyDown={({ key, currentTarget }) => {
          if (key === 'Enter') currentTarget.blur();
        }}
      />
    </div>
  );
}

function Choice<T extends string>({
  legend,
  name,
  options,
  value,
  onChange,
}: {
  readonly legend: string;
  readonly name: string;
  readonly options: readonly (readonly [T, string])[];
  readonly value: T;
  readonly onChange: (value: T) => void;
}) {
  return (
    <div className="segments" role="radiogroup" aria-label={legend}>
      {options.map(([id, label]) => (
        <label key={id} className="segment">
          <input
            type="radio"
            name={name}
            checked={value === id}
            onChange={() => {
              onChange(id);
            }}
          />
          {label}
        </label>
      ))}
    </div>
  );
}

function Switch({
  view,
  name,
  label,
}: {
  readonly view: ChartView;
  readonly name: 'logX' | 'logY' | 'ignoreOutliers';
  readonly label: string;
}) {
  return (
    <label className="segment">
      <input
        type="checkbox"
        checked={view[name]}
        onChange={({ target }) => {
          setChartView({ [name]: target.checked });
        }}
      />
      {label}
    </label>
  );
}

function ExportAll({
  specs,
  sources,
}: {
  readonly specs: readonly ChartSpec[];
  readonly sources: readonly Source[];
}) {
  const light = useStore(pictureStore, (state) => state.light);
  return (
    <Menu label="Export" name="Export all charts">
      <button
        type="button"
        onClick={() => {
          const view = viewStore.getState();
          const charts = specs.map((spec) => ({ chart: spec.id, curves: chartCurves(spec, sources, view) }));
          saveFile('charts.csv', curvesCsv(charts, csvAxis()), 'text/csv');
        }}
      >
        All charts as one CSV
      </button>
      <label>
        <input
          type="checkbox"
          checked={light}
          onChange={({ target }) => {
            pictureStore.setState({ light: target.checked });
          }}
        />
        Pictures dark on white, for papers
      </label>
    </Menu>
  );
}
