import { useEffect, useRef, useState } from 'react';
import { useStore } from 'zustand';
import type { PreparedInfo } from '../../worker/protocol';
import { metrics, metricsVersion } from '../../state/metrics';
import { runStore, type RunState } from '../../state/run';
import { formatCount, formatSeconds } from '../shared/format';
import { Notice } from '../shared/Notice';

/** What is happening now, in words and as a bar. */
export function ProgressLine() {
  const run = useStore(runStore);
  useStore(metricsVersion, ({ version }) => version);
  const { text, aside, share } = describe(run);
  const active = share !== undefined && run.status.phase !== 'done';
  useEffect(() => {
    document.title = active ? `${Math.floor(share * 100)} % · MASA playground` : 'MASA playground';
  }, [active, share]);
  if (run.status.phase === 'failed') {
    return (
      <Notice bad first>
        {run.status.message}
      </Notice>
    );
  }
  if (text === undefined) return null;
  return (
    <section className="progress" aria-label="Progress">
      <p className="progress-line">
        <strong>{text}</strong>
        <span className="muted small number">{aside}</span>
      </p>
      <progress max={1} value={share} aria-label="Share of the run that is done" />
      {run.prepared === undefined ? null : <Prepared data={run.prepared} />}
      <Spoken text={`${text} ${aside ?? ''}`} />
    </section>
  );
}

/** What became of the data when it was cut to length and split. */
function Prepared({ data }: { readonly data: PreparedInfo }) {
  const { trainExamples, validationExamples, truncated, skipped, problems } = data;
  const parts = [
    `${formatCount(trainExamples)} examples to learn from`,
    validationExamples === 0 ? 'none held out' : `${formatCount(validationExamples)} held out`,
    ...(truncated === 0 ? [] : [`${formatCount(truncated)} shortened to the length of a row`]),
    ...(skipped === 0 ? [] : [`${formatCount(skipped)} left out`]),
  ];
  const [first] = problems;
  return (
    <p className="small muted">
      {parts.join(', ')}
      {first === undefined ? '' : ` (record ${formatCount(first.line)}: ${first.problem})`}.
    </p>
  );
}

interface Progress {
  readonly text: string | undefined;
  readonly aside?: string | undefined;
  /** In [0, 1]; absent while nothing can be measured. */
  readonly share?: number | undefined;
}

function describe({ status, settings }: RunState): Progress {
  const steps = settings?.max_steps ?? 0;
  switch (status.phase) {
    case 'idle':
    case 'failed':
      return { text: undefined };
    case 'loading':
      return { text: 'Loading the weights onto the GPU', ...fraction(status.done, status.total) };
    case 'compiling':
      return {
        text: 'Compiling the kernels',
        aside: status.total === 0 ? undefined : `${status.done} of ${status.total}: ${status.kernel ?? ''}`,
        ...fraction(status.done, status.total),
      };
    case 'running': {
      if (status.asking !== undefined && status.asked === undefined) {
        const { done, total } = status.asking;
        return {
          text: 'Asking held-out questions',
          aside: `${formatCount(done)} of ${formatCount(total)} answers weighed, at step ${status.step} of ${steps}`,
          ...fraction(status.step, steps),
        };
      }
      const left = timeLeft(steps - status.step);
      const text = status.asked === 'pause' ? 'Pausing after this step' : 'Training';
      return {
        text: status.asked === 'stop' ? 'Stopping after this step' : text,
        aside: `step ${status.step} of ${steps}${left === undefined ? '' : `, about ${left} left`}`,
        ...fraction(status.step, steps),
      };
    }
    case 'paused':
      return { text: 'Paused', aside: `step ${status.step} of ${steps}`, ...fraction(status.step, steps) };
    case 'done':
      return {
        text: status.stopped ? `Stopped after ${status.step} of ${steps} steps` : `Done: ${steps} steps`,
        share: 1,
      };
  }
}

function fraction(done: number, total: number): { share?: number } {
  return total > 0 ? { share: done / total } : {};
}

/** Remaining time from the mean of the last steps, once there are enough of them to trust. */
function timeLeft(steps: number): string | undefined {
  const seconds = metrics.column('seconds').slice(-20);
  if (seconds.length < 5 || steps <= 0) return undefined;
  return formatSeconds((seconds.reduce((sum, value) => sum + value, 0) / seconds.length) * steps);
}

/** Repeats a text for screen readers, at most every ten seconds so that it does not drown everything else. */
function Spoken({ text }: { readonly text: string }) {
  const [spoken, setSpoken] = useState(text);
  const latest = useRef(text);
  useEffect(() => {
    latest.current = text;
  }, [text]);
  useEffect(() => {
    const timer = setInterval(() => {
      setSpoken(latest.current);
    }, 10_000);
    return () => {
      clearInterval(timer);
    };
  }, []);
  return (
    <p className="visually-hidden" aria-live="polite">
      {spoken}
    </p>
  );
}
