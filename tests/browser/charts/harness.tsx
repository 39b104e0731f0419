import { flushSync } from 'react-dom';
import { createRoot } from 'react-dom/client';
import { defaultRunConfig } from '../../../src/config/defaults';
import { ghostStore } from '../../../src/state/ghost';
import { metrics, MetricsLog, metricsVersion } from '../../../src/state/metrics';
import { overlayStore } from '../../../src/state/overlay';
import { NO_RUN, runStore } from '../../../src/state/run';
import { runsStore, type RunSummary } from '../../../src/state/runs';
import { viewStore, type ViewState } from '../../../src/state/view';
import { Charts } from '../../../src/ui/charts/Charts';
import { drawWaiting } from '../../../src/ui/charts/turns';
import '../../../src/ui/shared/theme.css';
import '../../../src/ui/page.css';
import '../../../src/ui/setup/setup.css';
import '../../../src/ui/charts/charts.css';
import '../../../src/ui/narrow.css';

/** The charts alone, with curves made here: their tests need neither a GPU nor a model. */
const settings = defaultRunConfig(6);

/** A falling, noisy loss and what goes with it; single spikes where `spikes` says. */
function fill(log: MetricsLog, steps: number, seed: number, spikes: readonly number[] = []): MetricsLog {
  log.clear();
  let state = seed * 7919 + 17;
  const random = () => {
    state = (state * 16807) % 2147483647;
    return state / 2147483647;
  };
  log.pushValidation(0, 4.2);
  for (let step = 1; step <= steps; step++) {
    const base = 1.6 + 0.08 * seed + 2.6 * Math.exp((-6 * step) / steps);
    log.push({
      step,
      loss: spikes.includes(step) ? 20 + seed : base * (1 + 0.16 * (random() - 0.5)),
      learning_rate: 1e-3 * (1 - step / steps),
      grad_norm: 0.4 + random() * 0.5,
      tokens: 800 + Math.round(100 * random()),
      seconds: 0.2 + 0.05 * random(),
    });
    if (step % Math.ceil(steps / 8) === 0) log.pushValidation(step, base * 1.05);
  }
  return log;
}

/** The run on the page and `others` overlaid ones, all of so many steps. */
function show(steps: number, others: number, spikes: readonly number[] = []): void {
  fill(metrics, steps, 0, spikes);
  const ids = Array.from({ length: others }, (_, index) => `run ${index + 1}`);
  runsStore.setState({
    runs: ids.map((id, index) => summary(id, index)),
    shown: [],
  });
  overlayStore.setState({
    logs: new Map(ids.map((id, index) => [id, fill(new MetricsLog(), steps, index + 1, spikes)])),
    slots: new Map(ids.map((id, index) => [id, index + 1])),
  });
  runStore.setState({
    ...NO_RUN,
    runId: 1,
    settings: { ...settings, max_steps: steps },
    status: { phase: 'running', step: steps },
  });
  redraw();
}

function summary(id: string, index: number): RunSummary {
  return {
    ...{ id, name: index < 3 ? `LoRA, seed ${index}` : `MASA, r ${index + 1}`, note: '', pinned: false },
    ...{ createdAt: 0, status: 'done', caption: '', scenario: undefined, steps: 0, lastLoss: undefined },
    settings: index < 3 ? { ...settings, method: 'lora', seed: index } : { ...settings, r: index + 1 },
    ...{ finalValidation: undefined, snapshotBytes: 0 },
    model: { name: 'small', fingerprint: '' },
    data: { name: 'clerk', sha256: '', columns: null },
  };
}

/** Draws everything anew, now. Returns the milliseconds that it took, with the browser's layout. */
function redraw(): number {
  const start = performance.now();
  flushSync(() => {
    metricsVersion.setState(({ version }) => ({ version: version + 1 }));
    drawWaiting();
  });
  document.body.getBoundingClientRect();
  return performance.now() - start;
}

const harness = {
  show,
  redraw,
  clear: () => {
    metrics.clear();
    runStore.setState(NO_RUN);
    redraw();
  },
  ghost: (steps: number) => {
    ghostStore.setState({ ghost: { name: 'run before', log: fill(new MetricsLog(), steps, 3), settings } });
  },
  mark: (step: number, label: string) => {
    metrics.mark({ step, kind: 'paused', label });
    redraw();
  },
  zero: (step: number) => {
    metrics.push({ step, loss: 0, learning_rate: 0, grad_norm: 0, tokens: 800, seconds: 0.2 });
    redraw();
  },
  view: (change: Partial<ViewState>) => {
    viewStore.setState(change);
  },
  cursor: () => viewStore.getState().cursor,
};

export type Harness = typeof harness;
Object.assign(globalThis, { harness });

const root = document.getElementById('root');
if (root !== null) createRoot(root).render(<Charts />);
