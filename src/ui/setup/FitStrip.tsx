import { useState } from 'react';
import { useStore } from 'zustand';
import { fits, makeItFit } from '../../state/fit';
import { messageOf } from '../../state/messageOf';
import { estimateSeconds, paceStore } from '../../state/pace';
import { setupStore } from '../../state/setup';
import type { PlanInfo } from '../../worker/protocol';
import { formatBytes, formatCount, formatSeconds, formatShare } from '../shared/format';
import { useSettings } from './useSettings';

const PARTS: readonly [keyof Omit<PlanInfo['bytes'], 'total'>, string][] = [
  ['weights', 'base'],
  ['adapter', 'adapter'],
  ['optimizer', 'optimiser'],
  ['activations', 'activations'],
  ['sampling', 'sampling'],
  ['io', 'other'],
];

const WIDTH = 1000;

/** What a run with the present settings would train and take, by the engine's own plan, and whether it fits. */
export function FitStrip() {
  const plan = useStore(setupStore, (setup) => setup.plan);
  const problem = useStore(setupStore, (setup) => setup.planProblem);
  if (problem !== undefined) return <Misfit reason={problem} />;
  if (plan === undefined) return null;
  const { trainableParameters, baseParameters, recomputed, bytes, largest } = plan;
  const scaled = (part: keyof PlanInfo['bytes']) => (bytes[part] / bytes.total) * WIDTH;
  return (
    <div className="fit">
      <p className="fit-line">
        <span>Trainable weights</span>
        <span className="number">
          <strong data-testid="trainable">{formatCount(trainableParameters)}</strong>{' '}
          <span className="muted">({formatShare(trainableParameters / baseParameters)} of the base)</span>
        </span>
      </p>
      <p className="fit-line">
        <span>GPU memory</span>
        <strong className="number" data-testid="memory">
          {formatBytes(bytes.total)}
        </strong>
      </p>
      <svg className="fit-bar" viewBox={`0 0 ${WIDTH} 8`} preserveAspectRatio="none" aria-hidden="true">
        {PARTS.map(([part], index) => (
          <rect
            key={part}
            className={`part-${index}`}
            x={PARTS.slice(0, index).reduce((sum, [earlier]) => sum + scaled(earlier), 0)}
            width={scaled(part)}
            height="8"
          />
        ))}
      </svg>
      <details className="fit-details">
        <summary>Where the memory goes</summary>
        <ul className="fit-parts number">
          {PARTS.map(([part, label], index) => (
            <li key={part}>
              <svg width="8" height="8" aria-hidden="true">
                <rect className={`part-${index}`} width="8" height="8" rx="2" />
              </svg>
              {label} {formatBytes(bytes[part])}
            </li>
          ))}
        </ul>
        <p className="small muted number">
          The largest buffer, “{largest.name}”, has {formatBytes(largest.bytes)} of the{' '}
          {formatBytes(largest.limit)} that this GPU gives to one.
        </p>
        {recomputed ? (
          <p className="small muted">
            To save memory, each layer is computed once more in the backward pass.
          </p>
        ) : null}
      </details>
      <Estimate />
      {fits(plan) ? null : (
        <Misfit
          reason={`“${largest.name}” has ${formatBytes(largest.bytes)}, more than this GPU gives to one buffer.`}
        />
      )}
    </div>
  );
}

/** How long a run would take, once one with this model and method has been timed here. */
function Estimate() {
  const pace = useStore(paceStore, (state) => state.pace);
  const model = useStore(setupStore, (setup) => setup.model.chosen?.info.name);
  const { values, problem } = useSettings();
  const seconds = problem === undefined ? estimateSeconds(pace, model, values) : undefined;
  if (seconds === undefined) return null;
  return (
    <p className="fit-line fit-more">
      <span>Time, by the pace of the last run</span>
      <strong className="number">about {formatSeconds(seconds)}</strong>
    </p>
  );
}

/** Why a run would not fit, and the button that makes it. */
function Misfit({ reason }: { readonly reason: string }) {
  const [problem, setProblem] = useState<string>();
  return (
    <div className="misfit" role="alert">
      <p className="knob-note bad">{problem ?? reason}</p>
      <button
        type="button"
        className="button quiet"
        onClick={() => {
          setProblem(undefined);
          makeItFit().catch((error: unknown) => {
            setProblem(messageOf(error));
          });
        }}
      >
        Make it fit
      </button>
    </div>
  );
}
