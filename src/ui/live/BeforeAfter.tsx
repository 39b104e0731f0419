import { useEffect } from 'react';
import { useStore } from 'zustand';
import { sampleAgain, setPrompt } from '../../state/actions';
import { previewStore, recordedBefore, watchPreview } from '../../state/preview';
import { isOnlyShown, runStore, type Sample } from '../../state/run';
import { isSweeping, sweepStore } from '../../state/sweep';
import { Notice } from '../shared/Notice';
import { ONLY_SHOWN } from './OnlyShown';
import { currentPrompt, setupStore } from '../../state/setup';

/** The same prompt, continued by the base model and by the adapted one. */
export function BeforeAfter() {
  useEffect(watchPreview, []);
  const before = useStore(runStore, (run) => run.before);
  const after = useStore(runStore, (run) => run.after);
  const phase = useStore(runStore, (run) => run.status.phase);
  const prompt = useStore(setupStore, currentPrompt);
  const problem = useStore(runStore, (run) => run.sampleProblem);
  const recorded = useStore(previewStore, ({ recording }) => recordedBefore(recording, prompt));
  const isBusy = useStore(sweepStore, isSweeping);
  const onlyShown = useStore(runStore, isOnlyShown);
  const canSample = !isBusy && (phase === 'running' || phase === 'paused' || phase === 'done');
  return (
    <section className="card" aria-label="Before and after">
      <div className="card-head">
        <h2>Before and after</h2>
        <span className="small muted">One prompt, continued by both</span>
      </div>
      <div className="prompt-row">
        <textarea
          aria-label="Prompt to continue"
          placeholder="A beginning for the model to continue"
          rows={1}
          spellCheck={false}
          value={prompt}
          onChange={(event) => {
            setPrompt(event.target.value);
          }}
        />
        {canSample ? (
          <button
            type="button"
            className="button"
            disabled={onlyShown}
            aria-describedby={onlyShown ? ONLY_SHOWN : undefined}
            onClick={() => void sampleAgain()}
          >
            Try it
          </button>
        ) : null}
      </div>
      {problem === undefined ? null : <Notice bad>{problem}</Notice>}
      <div className="voices">
        <Voice
          title={before === undefined && recorded !== undefined ? 'Base model, as recorded' : 'Base model'}
          sample={before}
          prompt={prompt}
          waiting={
            recorded?.trimStart() ??
            'What the model says before it has learned anything here. It is written when training starts.'
          }
        />
        <Voice
          after
          title={after === undefined ? 'With your adapter' : `With your adapter, step ${after.step}`}
          sample={after}
          prompt={prompt}
          waiting={
            phase === 'idle'
              ? 'Press Train, and see here how the answer changes.'
              : 'What it says with your adapter, again and again while it trains.'
          }
        />
      </div>
    </section>
  );
}

function Voice({
  title,
  sample,
  prompt,
  waiting,
  after = false,
}: {
  readonly title: string;
  readonly sample: Sample | undefined;
  /** What the prompt box holds now; a sample of another prompt says which. */
  readonly prompt: string;
  readonly waiting: string;
  readonly after?: boolean;
}) {
  return (
    <div className={after ? 'voice after' : 'voice'}>
      <h3>{title}</h3>
      <p className="voice-text" tabIndex={0}>
        {sample === undefined ? (
          <span className="given">{waiting}</span>
        ) : (
          // Another step's text is another element, which shows itself anew.
          <span className="voice-said" key={sample.step}>
            {sample.prompt === prompt ? null : <span className="given">{sample.prompt}</span>}
            {sample.prompt === prompt ? sample.text.trimStart() : sample.text}
            {sample.complete ? null : ' …'}
          </span>
        )}
      </p>
    </div>
  );
}
