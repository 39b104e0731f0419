import { useStore } from 'zustand';
import { scenarioSource } from '../../state/reading';
import { evaluate, evaluationStore, stopEvaluation, type EvaluationState } from '../../state/evaluation';
import { metrics, metricsVersion } from '../../state/metrics';
import { isOnlyShown, runStore } from '../../state/run';
import { chosenScenario, setupStore } from '../../state/setup';
import { isSweeping, sweepStore } from '../../state/sweep';
import type { Accuracy, EvaluationInfo } from '../../worker/protocol';
import { AccuracyChart } from '../charts/AccuracyChart';
import { formatCount, formatPercent } from '../shared/format';
import { Notice } from '../shared/Notice';
import { accuracyRows, lastMeasured, type Measured } from './accuracyRows';
import { Above, AccuracyTable } from './AccuracyTable';
import { ONLY_SHOWN } from './OnlyShown';

const TITLE = 'Accuracy on held-out questions';

/** What is learnt, asked with questions that are never trained on: live during a run, and all of them after it. */
export function AccuracyCard() {
  useStore(metricsVersion, ({ version }) => version);
  const points = metrics.accuracy;
  const evaluation = useStore(evaluationStore);
  const hasScenario = useStore(setupStore, (setup) => chosenScenario(setup) !== undefined);
  const trained = useStore(runStore, ({ scenario }) => scenario);
  const { asking, result, problem } = evaluation;
  const measured = lastMeasured(points, result);
  const nothing = !hasScenario && measured === undefined && !asking && problem === undefined;
  if (nothing) return null;
  const latest = (measured?.now ?? measured?.before)?.mean.acc;
  return (
    <section className="card" aria-label={TITLE}>
      <div className="card-head">
        <div className="chart-title">
          <h2>{TITLE}</h2>
          {latest === undefined ? null : (
            <span className="chart-latest number">
              <strong>{formatPercent(latest)}</strong> right
            </span>
          )}
        </div>
      </div>
      {points.length > 0 ? (
        <>
          <AccuracyChart points={points} />
          <Legend questions={points[0]?.mean.n} />
        </>
      ) : hasScenario ? (
        <p className="muted">
          Questions that are never trained on are asked before the first step, now and then during the run,
          and at its end. What share of them is answered right is drawn here.
        </p>
      ) : null}
      {measured === undefined ? null : (
        <AccuracyTable caption={caption(measured, result)} rows={accuracyRows(measured)} />
      )}
      {measured === undefined ? null : <CutPrompts accuracy={measured.before} />}
      <Explanation />
      {result?.questions.notes.map((note) => (
        <p key={note} className="small muted">
          {note}
        </p>
      ))}
      {problem === undefined ? null : <Notice bad>{problem}</Notice>}
      <Controls evaluation={evaluation} scenario={trained} />
    </section>
  );
}

function Controls({
  evaluation: { asking, progress, stopping },
  scenario,
}: {
  readonly evaluation: EvaluationState;
  readonly scenario: string | undefined;
}) {
  const done = useStore(runStore, ({ status }) => status.phase === 'done' && status.step > 0);
  const onlyShown = useStore(runStore, isOnlyShown);
  const isBusy = useStore(sweepStore, isSweeping);
  if (asking) {
    return (
      <div className="asking">
        <p className="progress-line">
          <strong>Asking all questions</strong>
          <span className="muted small number">
            {progress === undefined
              ? ''
              : `${formatCount(progress.done)} of ${formatCount(progress.total)} answers weighed`}
          </span>
        </p>
        <progress
          max={1}
          value={progress === undefined ? undefined : progress.done / progress.total}
          aria-label="Share of the questions that have been asked"
        />
        <button
          type="button"
          className="button quiet"
          disabled={stopping}
          onClick={() => void stopEvaluation()}
        >
          {stopping ? 'Stopping …' : 'Stop asking'}
        </button>
      </div>
    );
  }
  if (!done || isBusy || scenario === undefined) return null;
  return (
    <div className="card-actions">
      <button
        type="button"
        className="button"
        disabled={onlyShown}
        aria-describedby={onlyShown ? ONLY_SHOWN : undefined}
        onClick={() => void evaluate(scenarioSource(scenario))}
      >
        Measure on all held-out questions
      </button>
    </div>
  );
}

function Legend({ questions }: { readonly questions: number | undefined }) {
  const watched = questions === undefined ? '' : `, ${formatCount(questions)} questions`;
  return (
    <ul className="legend">
      <li>
        <svg width="22" height="12" aria-hidden="true">
          <rect width="22" height="12" fill="var(--accent)" fillOpacity="0.18" />
          <path d="M0 6h22" stroke="var(--accent)" strokeWidth="2" />
        </svg>
        {`during the run${watched}, with 95 % interval`}
      </li>
      <li>
        <svg width="22" height="8" aria-hidden="true">
          <path d="M0 4h22" stroke="var(--ink)" strokeDasharray="3 4" />
        </svg>
        chance
      </li>
    </ul>
  );
}

/** A cut prompt has lost shots, or a part of its question. */
function CutPrompts({ accuracy: { cut, mean } }: { readonly accuracy: Accuracy }) {
  if (cut === 0) return null;
  const share = `${formatCount(cut)} of ${formatCount(mean.n)} prompts`;
  return (
    <p className="small muted">{`${share} are too long for the model and were cut at their beginning.`}</p>
  );
}

function Explanation() {
  return (
    <details className="details">
      <summary>What do these figures mean?</summary>
      <p className="small muted">
        The model is asked questions that it is never trained on. Where a question has answers to choose from,
        the one that the model finds likeliest counts. Chance is what guessing reaches: with four answers to
        choose from, one question in four, 25 %. Few questions say little, so the interval is given in which
        the true accuracy lies, 19 times in 20. <Above /> marks a task whose whole interval lies above chance:
        there the model knows more than a guess.
      </p>
    </details>
  );
}

/** Who was asked, and how much: `world-small after 60 steps, 200 questions`. */
function caption({ before, now }: Measured, evaluation: EvaluationInfo | undefined): string {
  const { n } = before.mean;
  const tasks = before.byTask.length;
  const questions = `${formatCount(n)} questions${tasks > 1 ? ` in ${formatCount(tasks)} tasks` : ''}`;
  const steps = now === undefined ? 'before training' : `after ${formatCount(now.step)} steps`;
  if (evaluation === undefined) return `${questions}, ${steps}`;
  const { model, questions: asked } = evaluation;
  const form = asked.form === 'exact' ? ', answers written and compared' : '';
  const name = asked.format === 'questions' ? '' : ` of ${asked.name}`;
  return `${model} ${steps}: ${questions}${name}${form}`;
}
