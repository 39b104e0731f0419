import { KNOBS } from '../../config/knobs';
import type { MethodId } from '../../config/runConfig';
import { METHODS } from '../../engine/adapters/registry';
import { setKnob } from '../../state/actions';
import { MethodDrawing } from './MethodDrawing';
import { useSettings } from './useSettings';

const SENTENCES: Readonly<Record<MethodId, string>> = {
  lora: 'Every layer learns its own pair of small matrices.',
  masa: 'Neighbouring layers share several down-projections and sum them.',
};

/** One card a method, straight from the registry. */
export function MethodPicker() {
  const { values } = useSettings();
  return (
    <section className="card" aria-label="Method">
      <div className="card-head">
        <h2>{KNOBS.method.label}</h2>
        <a className="small" href={METHODS[values.method].paper} target="_blank" rel="noreferrer">
          Paper
        </a>
      </div>
      <fieldset className="methods">
        <legend className="visually-hidden">{KNOBS.method.label}</legend>
        {Object.values(METHODS).map((method) => (
          <label key={method.id} className="method">
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
        ))}
      </fieldset>
    </section>
  );
}
