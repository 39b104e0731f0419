import { useStore } from 'zustand';
import { deviceStore } from '../../state/device';
import { metricsVersion } from '../../state/metrics';
import { runStore } from '../../state/run';
import { setDrawer } from '../../state/view';
import type { PreparedInfo } from '../../worker/protocol';
import { formatCount } from '../shared/format';
import { Failure } from './Failure';
import { OnlyShown } from './OnlyShown';
import { describeProgress } from './progress';

/** What is happening now, in words and as a bar. */
export function ProgressLine() {
  const run = useStore(runStore);
  useStore(metricsVersion, ({ version }) => version);
  const { text, aside, share } = describeProgress(run);
  if (run.status.phase === 'failed') return <Failure status={run.status} />;
  if (text === undefined) return null;
  return (
    <section className="progress" aria-label="Progress">
      <p className="progress-line">
        <strong>{text}</strong>
        <span className="muted small number">{aside}</span>
      </p>
      <progress max={1} value={share} aria-label="Share of the run that is done" />
      <div className="progress-foot">
        {run.prepared === undefined ? null : <Prepared data={run.prepared} />}
        <WhatNext />
      </div>
      <OnlyShown />
    </section>
  );
}

/** What one does with an adapter that is there. */
function WhatNext() {
  const isThere = useStore(
    runStore,
    ({ status, held }) => held && status.phase === 'done' && status.step > 0,
  );
  const hasDevice = useStore(deviceStore, ({ status }) => status === 'ready');
  if (!isThere || !hasDevice) return null;
  return (
    <div className="what-next">
      <button
        type="button"
        className="button primary"
        onClick={() => {
          setDrawer('export');
        }}
      >
        Take it away
      </button>
      <button
        type="button"
        className="button"
        onClick={() => {
          setDrawer('chat');
        }}
      >
        Talk to it
      </button>
    </div>
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
