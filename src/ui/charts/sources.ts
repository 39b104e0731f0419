import { useMemo } from 'react';
import { useStore } from 'zustand';
import type { RunConfig } from '../../config/runConfig';
import { beatStore } from '../../state/beat';
import { ghostStore } from '../../state/ghost';
import { metrics, MetricsLog, metricsVersion } from '../../state/metrics';
import { overlayStore } from '../../state/overlay';
import { runStore } from '../../state/run';
import { runsStore } from '../../state/runs';
import { nearestIndex } from '../../state/series';
import { detectSpikes } from '../../state/spikes';
import type { XAxisKind } from '../../state/view';
import { formatValue } from '../shared/format';
import { positions, type Source } from './curves';
import type { PlacedMark } from './Marks';

/** Spikes that are named; more would hide the curve. */
const MOST_SPIKES = 5;

/** The runs whose curves are on the charts: that on the page, the one before it, those shown and the one to beat. */
export function useSources(): readonly Source[] {
  const settings = useStore(runStore, (run) => run.settings);
  const ghost = useStore(ghostStore, (state) => state.ghost);
  const beat = useStore(beatStore);
  const { logs, slots } = useStore(overlayStore);
  const runs = useStore(runsStore, (state) => state.runs);
  return useMemo(() => {
    const sources: Source[] = [];
    const add = (
      id: string,
      name: string,
      log: MetricsLog,
      role: Source['role'],
      slot: number,
      of?: RunConfig,
    ) => {
      sources.push({ id, name, log, role, slot, settings: of, group: of && withoutSeed(of) });
    };
    if (beat.points.length > 0) add('beat', beat.caption, recorded(beat.points), 'ghost', 0);
    // A run that is shown by its name needs no ghost.
    if (ghost !== undefined && !logs.has(ghost.id ?? ''))
      add('ghost', ghost.name, ghost.log, 'ghost', 0, ghost.settings);
    for (const [id, log] of logs) {
      const run = runs.find((summary) => summary.id === id);
      add(id, run?.name ?? id, log, 'overlay', slots.get(id) ?? 1, run?.settings);
    }
    add('run', '', metrics, 'current', 0, settings);
    return sources;
  }, [settings, ghost, beat, logs, slots, runs]);
}

let current: { readonly version: number; readonly axis: XAxisKind; readonly marks: PlacedMark[] } | undefined;

/** Those of the run on the page as it is now; found once for all charts. */
export function currentMarks(axis: XAxisKind): readonly PlacedMark[] {
  const { version } = metricsVersion.getState();
  if (current?.version !== version || current.axis !== axis) {
    current = { version, axis, marks: placedMarks(metrics, axis) };
  }
  return current.marks;
}

/** What happened to a run and where its loss jumped, at their places on the axis. */
function placedMarks(log: MetricsLog, axis: XAxisKind): PlacedMark[] {
  const steps = log.column('step');
  const x = positions(log, axis);
  const place = (step: number) =>
    axis === 'step' ? step : step < (steps[0] ?? Infinity) ? 0 : (x[nearestIndex(steps, step)] ?? 0);
  const spikes = detectSpikes(steps, log.column('loss'))
    .sort((a, b) => b.value - a.value)
    .slice(0, MOST_SPIKES);
  return [
    ...log.marks.map(({ step, label }) => ({ x: place(step), label })),
    ...spikes.map(({ step, value }) => ({ x: place(step), label: `spike ${formatValue(value)}` })),
  ];
}

function withoutSeed(settings: RunConfig): string {
  return JSON.stringify({ ...settings, seed: 0 });
}

/** A loss that is all that is known of a run. */
function recorded(points: readonly { readonly step: number; readonly loss: number }[]): MetricsLog {
  const log = new MetricsLog();
  for (const { step, loss } of points) {
    log.push({ step, loss, learning_rate: NaN, grad_norm: NaN, tokens: NaN, seconds: NaN });
  }
  return log;
}
