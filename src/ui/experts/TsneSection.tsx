import { useState } from 'react';
import { useStore } from 'zustand';
import type { ExpertReport } from '../../engine/analysis/features/report';
import { DRAWN_TOKENS, expertsStore } from '../../state/experts';
import { isSweeping, sweepStore } from '../../state/sweep';
import { drawPicture, stopPicture, tsneStore, type PictureKind } from '../../state/tsne';
import { formatCount } from '../shared/format';
import { Notice } from '../shared/Notice';
import { middleLayer, modulesOf } from './figures';
import { PlacePicker } from './PlacePicker';
import { TsneFigure } from './Scatter';

/** Pictures of what one module makes of many tokens, one A beside all experts, in workers of their own. */
export function TsneSection({
  report,
  canRead,
}: {
  readonly report: ExpertReport;
  readonly canRead: boolean;
}) {
  const { points, pictures, drawing, problem } = useStore(tsneStore);
  const reading = useStore(expertsStore, (experts) => experts.reading !== undefined);
  const isBusy = useStore(sweepStore, isSweeping);
  const modules = modulesOf(report);
  const { method, num_experts } = report.settings;
  const experts = method === 'lora' ? 1 : num_experts;
  const [place, setPlace] = useState({ layer: middleLayer(report), module: modules[0] ?? 'q_proj' });
  const [tokens, setTokens] = useState<number>(DRAWN_TOKENS[1]);
  const several = Object.keys(report.rows.tasks).length > 1;
  const [wanted, setKind] = useState<PictureKind>();
  const kind = experts === 1 ? 'tokens' : (wanted ?? (several ? 'tokens' : 'experts'));
  return (
    <>
      <h3>What lies near what?</h3>
      <p className="small muted">
        t-SNE puts tokens near each other whose features A x are alike. It shows neighbours; distances between
        far groups mean nothing.
        {kind === 'experts'
          ? ' Each token is drawn once for each expert.'
          : experts === 1
            ? ''
            : ' The same tokens are drawn twice: by what one A makes of them, and by what all experts do.'}
        {kind === 'experts' && report.case.id === 'tied'
          ? ' Where tied experts lie apart, that is the noise that they began with.'
          : ''}
      </p>
      <div className="experts-controls">
        <PlacePicker
          report={report}
          {...place}
          onChange={(layer, module) => {
            setPlace({ layer, module });
          }}
        />
        {experts === 1 ? null : (
          <label>
            Coloured by
            <select
              value={kind}
              onChange={({ target }) => {
                setKind(target.value === 'experts' ? 'experts' : 'tokens');
              }}
            >
              <option value="tokens">task</option>
              <option value="experts">expert</option>
            </select>
          </label>
        )}
        <label>
          Tokens at most
          <select
            value={tokens}
            onChange={({ target }) => {
              setTokens(Number(target.value));
            }}
          >
            {DRAWN_TOKENS.map((count) => (
              <option key={count} value={count}>
                {formatCount(count)}
              </option>
            ))}
          </select>
        </label>
        {drawing && !reading ? (
          <button type="button" className="button quiet" onClick={stopPicture}>
            Stop t-SNE
          </button>
        ) : (
          <button
            type="button"
            className="button quiet"
            disabled={!canRead || reading || isBusy}
            onClick={() => void drawPicture(place.layer, place.module, tokens, kind, experts)}
          >
            Draw t-SNE
          </button>
        )}
      </div>
      {problem === undefined ? null : <Notice bad>{problem}</Notice>}
      {points === undefined ? null : (
        <>
          <p className="small muted number">
            {`Layer ${points.layer}, ${points.module}, after ${formatCount(points.step)} steps; perplexity 30 or less, seed 42.`}
          </p>
          <div className="plots">
            {pictures.map((picture) => (
              <TsneFigure key={picture.title} picture={picture} />
            ))}
          </div>
        </>
      )}
    </>
  );
}
