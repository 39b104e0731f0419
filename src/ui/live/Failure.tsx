import { useState } from 'react';
import { useStore } from 'zustand';
import { resume, train } from '../../state/actions';
import { makeItFit } from '../../state/fit';
import { messageOf } from '../../state/messageOf';
import type { RunStatus } from '../../state/run';
import { setupStore } from '../../state/setup';
import { trainObstacle } from '../../state/obstacle';
import { Notice } from '../shared/Notice';

/** Why a run ended, and the button that cures it where there is one. */
export function Failure({ status }: { readonly status: Extract<RunStatus, { phase: 'failed' }> }) {
  const needed = useStore(setupStore, ({ plan }) => plan?.bytes.total);
  const [problem, setProblem] = useState<string>();
  const { message, resumable } = status;
  const isMemory = /memory|GPU binds|allocat/i.test(message);
  const shrink = () => {
    makeItFit(needed).then(
      () => void train(),
      (error: unknown) => {
        setProblem(messageOf(error));
      },
    );
  };
  return (
    <Notice bad first>
      {message}
      <span className="cures">
        {isMemory ? (
          <button type="button" className="button quiet" onClick={shrink}>
            Make it fit and train again
          </button>
        ) : null}
        {resumable === undefined ? null : (
          <button type="button" className="button quiet" onClick={() => void resume()}>
            Go on from step {resumable}
          </button>
        )}
        {!isMemory && resumable === undefined ? (
          <button
            type="button"
            className="button quiet"
            disabled={trainObstacle() !== undefined}
            onClick={() => void train()}
          >
            Try again
          </button>
        ) : null}
      </span>
      {problem === undefined ? null : <span className="cures">{problem}</span>}
    </Notice>
  );
}
