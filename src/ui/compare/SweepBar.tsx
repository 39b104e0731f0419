import { useEffect, useState } from 'react';
import { useStore } from 'zustand';
import { evaluationStore } from '../../state/evaluation';
import { expertsStore } from '../../state/experts';
import { runStore } from '../../state/run';
import { isSweeping, sweepStore, type PlannedSweep } from '../../state/sweep';
import { sweepProgress } from '../../state/sweepProgress';
import { continueSweep, startSweep, stopSweep, sweepRefusal } from '../../state/sweepQueue';
import { formatSeconds } from '../shared/format';
import { Notice } from '../shared/Notice';
import { jobText } from './RunList';

/** Start, stop and go on, with how far it is. */
export function SweepBar() {
  const sweeping = useStore(sweepStore, isSweeping);
  const problem = useStore(sweepStore, (state) => state.problem);
  return (
    <>
      {sweeping ? <Progress /> : <StartButtons />}
      {problem === undefined ? null : <Notice bad>{problem}</Notice>}
    </>
  );
}

function StartButtons() {
  const { draft, sweep, outcomes } = useStore(sweepStore);
  // What holds the GPU is known in three places.
  useStore(runStore, sweepRefusal);
  useStore(expertsStore, sweepRefusal);
  const obstacle = useStore(evaluationStore, sweepRefusal);
  const missing =
    sweep?.plan.runs.filter(({ id }) => outcomes.runs.get(id)?.status !== 'finished').length ?? 0;
  const isNew = draft !== undefined && !isSame(draft, sweep);
  return (
    <>
      <div className="card-actions">
        {missing > 0 ? (
          <button
            type="button"
            className="button primary"
            disabled={obstacle !== undefined}
            onClick={() => void continueSweep()}
          >
            {`Go on with ${runs(missing)}`}
          </button>
        ) : null}
        {isNew ? (
          <button
            type="button"
            className={missing > 0 ? 'button' : 'button primary'}
            disabled={obstacle !== undefined}
            onClick={() => void startSweep()}
          >
            {`Start ${runs(draft.plan.runs.length)}`}
          </button>
        ) : null}
      </div>
      {obstacle === undefined ? null : <p className="small muted">{obstacle}</p>}
    </>
  );
}

function Progress() {
  const state = useStore(sweepStore);
  const now = useNow();
  const { job, phase, sweep } = state;
  const { finished, total, share, secondsLeft } = sweepProgress(state, now);
  const run = sweep?.plan.runs.find(({ id }) => id === job?.id);
  const who = run === undefined ? 'Base model' : `${run.configuration}, seed ${run.seed}`;
  const left = secondsLeft === undefined ? '' : `, about ${formatSeconds(secondsLeft)} left`;
  return (
    <div className="asking" role="group" aria-label="Progress of the comparison">
      <p className="progress-line">
        <strong>{phase === 'stopping' ? 'Stopping after this step' : who}</strong>
        <span className="muted small number">
          {job === undefined ? '' : jobText(job)}
          {` · ${finished} of ${total} runs done${left}`}
        </span>
      </p>
      <progress max={1} value={share} aria-label="Share of the comparison that is done" />
      <button
        type="button"
        className="button"
        disabled={phase === 'stopping'}
        onClick={() => void stopSweep()}
      >
        {phase === 'stopping' ? 'Stopping …' : 'Stop comparing'}
      </button>
      <p className="visually-hidden" aria-live="polite">{`${finished} of ${total} runs done`}</p>
    </div>
  );
}

/** The time, once a second. */
function useNow(): number {
  const [now, setNow] = useState(() => performance.now());
  useEffect(() => {
    const timer = setInterval(() => {
      setNow(performance.now());
    }, 1000);
    return () => {
      clearInterval(timer);
    };
  }, []);
  return now;
}

function isSame({ plan }: PlannedSweep, other: PlannedSweep | undefined): boolean {
  const ids = (sweep: PlannedSweep['plan']) => sweep.runs.map(({ id }) => id).join();
  return other !== undefined && ids(plan) === ids(other.plan);
}

function runs(count: number): string {
  return count === 1 ? '1 run' : `${count} runs`;
}
