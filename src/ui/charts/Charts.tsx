import { useStore } from 'zustand';
import { metrics, metricsVersion } from '../../state/metrics';
import { setChartView, viewStore } from '../../state/view';
import { formatValue } from '../shared/format';
import { LineChart } from './LineChart';
import { LOSS_CHART, SMALL_CHARTS, type ChartSpec } from './registry';

/** The loss, large, and everything else about the run, small. */
export function Charts() {
  return (
    <>
      <figure className="card" aria-label={LOSS_CHART.title}>
        <div className="card-head">
          <ChartTitle spec={LOSS_CHART} />
          <SmoothingSlider />
        </div>
        <LineChart spec={LOSS_CHART} height={300} empty="The loss appears here, step by step." />
        <Legend />
      </figure>
      <div className="small-charts">
        {SMALL_CHARTS.map((spec) => (
          <figure key={spec.id} className="card" aria-label={spec.title}>
            <div className="card-head">
              <ChartTitle spec={spec} />
            </div>
            <LineChart spec={spec} height={140} empty="" />
          </figure>
        ))}
      </div>
    </>
  );
}

function ChartTitle({ spec }: { readonly spec: ChartSpec }) {
  useStore(metricsVersion, ({ version }) => version);
  const latest = spec.values(metrics).at(-1);
  return (
    <div className="chart-title">
      <h2>{spec.title}</h2>
      <span className="chart-latest number">
        {latest === undefined ? null : <strong>{formatValue(latest)}</strong>} {spec.label}
      </span>
    </div>
  );
}

function SmoothingSlider() {
  const smoothing = useStore(viewStore, (view) => view.smoothing);
  return (
    <div className="chart-tools">
      <label className="smoothing">
        Smoothing
        <input
          type="range"
          min={0}
          max={0.98}
          step={0.02}
          value={smoothing}
          onChange={(event) => {
            setChartView({ smoothing: Number(event.target.value) });
          }}
        />
        <span className="number">{smoothing.toFixed(2)}</span>
      </label>
    </div>
  );
}

function Legend() {
  useStore(metricsVersion, ({ version }) => version);
  const first = metrics.validation[0]?.loss;
  const last = metrics.validation.at(-1)?.loss;
  return (
    <ul className="legend">
      <li>
        <svg width="22" height="8" aria-hidden="true">
          <path d="M0 4h22" stroke="var(--accent)" strokeOpacity="0.4" />
        </svg>
        training, every step
      </li>
      <li>
        <svg width="22" height="8" aria-hidden="true">
          <path d="M0 4h22" stroke="var(--accent)" strokeWidth="2" />
        </svg>
        training, smoothed
      </li>
      <li>
        <svg width="22" height="10" aria-hidden="true">
          <path d="M0 5h22" stroke="var(--ink)" strokeDasharray="3 4" />
          <circle cx="11" cy="5" r="3.5" fill="var(--surface)" stroke="var(--ink)" strokeWidth="1.75" />
        </svg>
        <span className="number">
          validation
          {first === undefined || last === undefined ? '' : ` ${formatValue(first)} → ${formatValue(last)}`}
        </span>
      </li>
    </ul>
  );
}
