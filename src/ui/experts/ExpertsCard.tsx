import { useStore } from 'zustand';
import { expertCase, type ExpertCase } from '../../engine/adapters/expertCase';
import {
  expertsStore,
  LOOK_EVERY,
  lookAtExperts,
  setLookChoice,
  setLookEvery,
  stopLook,
  type ExpertsState,
} from '../../state/experts';
import { isOnlyShown, runStore } from '../../state/run';
import { isSoftware, settings, setupStore } from '../../state/setup';
import { sweepObstacle, sweepStore } from '../../state/sweep';
import type { ExpertLook } from '../../worker/protocol';
import { formatCount } from '../shared/format';
import { Notice } from '../shared/Notice';
import './experts.css';
import { Report } from './Report';
import { TsneSection } from './TsneSection';

const TITLE = 'Inside the experts';

/** What the experts of the run do, measured on real activations: during the run, in a pause, and after it. */
export default function ExpertsCard() {
  const experts = useStore(expertsStore);
  const run = useStore(runStore);
  const setup = useStore(setupStore);
  const { look, problem } = experts;
  const found = look?.report.case ?? expertCase(run.settings ?? settings(setup, isSoftware()).values);
  const { status } = run;
  const hasSteps = run.held && 'step' in status && status.step > 0;
  return (
    <section className="card experts" aria-label={TITLE}>
      <div className="card-head">
        <h2>{TITLE}</h2>
        {look === undefined ? null : <span className="small muted number">{describe(look)}</span>}
      </div>
      <p className="experts-case" data-case={found.id}>
        {found.sentence}
      </p>
      <Noise found={found} />
      {hasSteps || look !== undefined ? (
        <Controls experts={experts} hasSteps={hasSteps} />
      ) : (
        <p className="muted">
          {isOnlyShown(run)
            ? 'This run is shown as it was kept: bring it back to the GPU, on the page, to look inside it.'
            : 'Train first: after the first step you can look at what the experts make of real text.'}
        </p>
      )}
      {problem === undefined ? null : <Notice bad>{problem}</Notice>}
      {look === undefined ? null : <Report report={look.report} />}
      {look === undefined ? null : <TsneSection report={look.report} canRead={hasSteps} />}
    </section>
  );
}

/** What is seen of experts that are tied is how they began. */
function Noise({ found }: { readonly found: ExpertCase }) {
  if (found.id !== 'tied') return null;
  return (
    <p className="small muted">
      Differences between these experts in the pictures below are the noise that they began with, not learned
      specialisation.
    </p>
  );
}

function Controls({ experts, hasSteps }: { readonly experts: ExpertsState; readonly hasSteps: boolean }) {
  const { reading, progress, stopping, choice, every, look } = experts;
  const obstacle = useStore(sweepStore, sweepObstacle);
  return (
    <div className="experts-controls">
      <button
        type="button"
        className="button"
        disabled={!hasSteps || reading !== undefined || obstacle !== undefined}
        onClick={() => void lookAtExperts()}
      >
        {look === undefined ? 'Look at the experts' : 'Look again'}
      </button>
      {reading === undefined ? null : (
        <button type="button" className="button quiet" disabled={stopping} onClick={() => void stopLook()}>
          {stopping ? 'Stopping …' : 'Stop reading'}
        </button>
      )}
      <label>
        Look during a run
        <select
          value={every}
          onChange={({ target }) => {
            setLookEvery(LOOK_EVERY.find((steps) => String(steps) === target.value) ?? 0);
          }}
        >
          {LOOK_EVERY.map((steps) => (
            <option key={steps} value={steps}>
              {steps === 0 ? 'off' : `every ${steps} steps`}
            </option>
          ))}
        </select>
      </label>
      <label>
        Tokens
        <select
          value={choice ?? ''}
          onChange={({ target: { value } }) => {
            setLookChoice(value === 'prompt_end' || value === 'counted' ? value : undefined);
          }}
        >
          <option value="">as suits the data</option>
          <option value="prompt_end">ends of prompts</option>
          <option value="counted">all answer tokens</option>
        </select>
      </label>
      <span className="small muted number" role="status">
        {reading === undefined
          ? (obstacle ?? '')
          : progress === undefined
            ? 'Reading features …'
            : `${formatCount(progress.done)} of ${formatCount(progress.total)} tokens read`}
      </span>
    </div>
  );
}

const SOURCES: Readonly<Record<ExpertLook['of'], string>> = {
  questions: 'of held-out questions',
  validation: 'of the validation part',
  training: 'of the training data',
};

function describe({ of, report: { step, rows } }: ExpertLook): string {
  const tokens = rows.choice === 'prompt_end' ? 'ends of prompts' : 'answer tokens';
  const when = step === null ? '' : `after ${formatCount(step)} steps, `;
  return `${when}${formatCount(rows.count)} ${tokens} ${SOURCES[of]}`;
}
