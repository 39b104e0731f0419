import { useId } from 'react';
import { useStore } from 'zustand';
import type { Scenario } from '../../scenarios/scenario';
import { SCENARIOS } from '../../scenarios/table';
import { chooseData, scenarioSource } from '../../state/reading';
import { setupStore, type SetupState } from '../../state/setup';
import { sentenceCase } from '../shared/format';

const KINDS: Readonly<Record<Scenario['kind'], string>> = {
  single_domain: 'One domain',
  multi_domain: 'Several domains',
  multi_task: 'Several tasks',
};

/** The scenarios, grouped by kind, with what the chosen one teaches below. */
export function ScenarioPicker() {
  const id = useId();
  const shown = useStore(setupStore, shownScenario);
  const scenario = SCENARIOS.find((row) => row.id === shown);
  return (
    <div className="scenario">
      <label className="scenario-label" htmlFor={id}>
        Scenario
      </label>
      <div className="field">
        <select
          id={id}
          value={shown ?? ''}
          aria-describedby={`${id}-title`}
          onChange={(event) => void chooseData(scenarioSource(event.target.value))}
        >
          {shown === undefined ? (
            <option value="" disabled>
              None: a file of your own
            </option>
          ) : null}
          {Object.entries(KINDS).map(([kind, label]) => (
            <optgroup key={kind} label={label}>
              {SCENARIOS.filter((row) => row.kind === kind).map((row) => (
                <option key={row.id} value={row.id}>
                  {sentenceCase(row.id)}
                </option>
              ))}
            </optgroup>
          ))}
        </select>
      </div>
      <p id={`${id}-title`} className="small muted">
        {scenario === undefined ? '' : `${scenario.title}.`}
      </p>
    </div>
  );
}

/** Id of the scenario that is chosen or on its way; undefined where the data is somebody's own. */
function shownScenario({ data }: SetupState): string | undefined {
  const source = data.reading ?? data.chosen?.source;
  return source?.kind === 'scenario' ? source.id : undefined;
}
