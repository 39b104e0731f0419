import { useState } from 'react';
import { useStore } from 'zustand';
import { metricsVersion } from '../../state/metrics';
import { runStore } from '../../state/run';
import { setupStore } from '../../state/setup';
import { hasCurve, share, shareStore } from '../../state/share';
import { Icon } from '../shared/Icon';

/** The button that makes a link, with what goes into it. */
export function SharePanel() {
  const [withCurve, setWithCurve] = useState(true);
  const made = useStore(shareStore, (state) => state.made);
  useStore(metricsVersion, ({ version }) => version);
  useStore(setupStore);
  useStore(runStore, ({ settings }) => settings);
  const curve = hasCurve();
  return (
    <>
      <button
        type="button"
        className="icon-button large"
        aria-label="Share"
        title="Share"
        popoverTarget="share"
      >
        <Icon name="share" size={18} />
      </button>
      <div id="share" popover="auto" className="share" role="dialog" aria-labelledby="share-title">
        <h2 id="share-title">Share this set-up</h2>
        <p className="small muted">
          A link with the settings, the scenario and the name of the model. All of it stands behind the # of
          the address, which no server gets to see.
        </p>
        <label className="share-check small">
          <input
            type="checkbox"
            checked={withCurve && curve}
            disabled={!curve}
            onChange={(event) => {
              setWithCurve(event.target.checked);
            }}
          />
          {curve
            ? 'With the loss curve of this run, as the one to beat'
            : 'No curve: no run has these settings yet'}
        </label>
        <button type="button" className="button primary" onClick={() => void share(withCurve)}>
          Copy the link
        </button>
        <p className="small" role="status">
          {made?.sentence}
        </p>
        {made === undefined || made.copied ? null : (
          <input
            className="share-link"
            readOnly
            aria-label="Link"
            value={made.address}
            onFocus={(event) => {
              event.target.select();
            }}
          />
        )}
      </div>
    </>
  );
}
