import { useStore } from 'zustand';
import { KNOBS } from '../../config/knobs';
import type { MethodId } from '../../config/runConfig';
import { expertCase } from '../../engine/adapters/expertCase';
import { METHODS } from '../../engine/adapters/registry';
import { setKnob } from '../../state/actions';
import { presentMatch, undoMatch } from '../../state/budget';
import { setupStore } from '../../state/setup';
import { Notice } from '../shared/Notice';
import { MethodBudget } from './MethodBudget';
import { MethodDrawing } from './MethodDrawing';
import { useSettings } from './useSettings';

const SENTENCES: Readonly<Record<MethodId, string>> = {
  lora: 'Every layer learns its own pair of small matrices.',
  masa: 'Neighbouring layers share several down-projections and sum them.',
  hydralora: 'Every layer has one down-projection and a router between several up-projections.',
  lora_moe: 'Every layer has a router between several pairs of small matrices.',
};

/** One card a method, straight from the registry, with what it would train. */
export function MethodPicker() {
  const { values, problem } = useSettings();
  const model = useStore(setupStore, (setup) => setup.model.chosen?.info);
  return (
    <section className="card" aria-label="Method" tabIndex={-1}>
      <div className="card-head">
        <h2>{KNOBS.method.label}</h2>
        <a className="small" href={METHODS[values.method].paper} target="_blank" rel="noreferrer">
          Paper
        </a>
      </div>
      <fieldset className="methods">
        <legend className="visually-hidden">{KNOBS.method.label}</legend>
        {Object.values(METHODS).map((method) => (
          <div key={method.id} className="method">
            <label>
              <input
                type="radio"
                name="method"
                checked={values.method === method.id}
                onChange={() => {
                  setKnob('method', method.id);
                }}
              />
              <MethodDrawing block={method.block(values)} />
              <strong>{method.label}</strong>
              <p>{SENTENCES[method.id]}</p>
            </label>
            {model === undefined || problem !== undefined ? null : (
              <MethodBudget method={method.id} values={values} model={model} />
            )}
          </div>
        ))}
      </fieldset>
      {problem === undefined ? <p className="method-case">{expertCase(values).sentence}</p> : null}
      <MatchNote />
    </section>
  );
}

/** What the last match of budgets did, until something else is set. */
function MatchNote() {
  const matched = useStore(setupStore, presentMatch);
  if (matched === undefined) return null;
  return (
    <Notice>
      {matched.sentence}{' '}
      <button
        type="button"
        className="button quiet"
        onClick={(event) => {
          event.currentTarget.closest('section')?.focus(); // this button is about to go
          undoMatch();
        }}
      >
        Undo
      </button>
    </Notice>
  );
}
