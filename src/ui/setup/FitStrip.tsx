import { useStore } from 'zustand';
import { setupStore } from '../../state/setup';
import type { PlanInfo } from '../../worker/protocol';
import { formatBytes, formatCount, formatShare } from '../shared/format';

const PARTS: readonly [keyof Omit<PlanInfo['bytes'], 'total'>, string][] = [
  ['weights', 'base'],
  ['adapter', 'adapter'],
  ['optimizer', 'optimiser'],
  ['activations', 'activations'],
  ['sampling', 'sampling'],
  ['io', 'other'],
];

const WIDTH = 1000;

/** What a run with the present settings would train and take, by the engine's own plan. */
export function FitStrip() {
  const plan = useStore(setupStore, (setup) => setup.plan);
  const problem = useStore(setupStore, (setup) => setup.planProblem);
  if (problem !== undefined) return <p className="small knob-note bad">{problem}</p>;
  if (plan === undefined) return null;
  const { trainableParameters, baseParameters, recomputed, bytes } = plan;
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
      {recomputed ? (
        <p className="small muted">To save memory, each layer is computed once more in the backward pass.</p>
      ) : null}
    </div>
  );
}
