import { useId } from 'react';
import { useStore } from 'zustand';
import { blocksStore, setTint, type Tint } from '../../state/blocks';

const CHOICES: Readonly<Record<Tint, string>> = { none: 'Plain', gradient: 'Gradient', update: 'Update' };

/** What the strength of the colours says while a run is there. */
export function TintPicker() {
  const tint = useStore(blocksStore, (blocks) => blocks.tint);
  const id = useId();
  return (
    <fieldset className="picture-tint segments">
      <legend className="visually-hidden">Strength of the colours</legend>
      <span className="small muted" aria-hidden="true">
        Colour strength
      </span>
      {(Object.keys(CHOICES) as Tint[]).map((choice) => (
        <label key={choice} className="segment">
          <input
            type="radio"
            name={id}
            checked={tint === choice}
            onChange={() => {
              setTint(choice);
            }}
          />
          {CHOICES[choice]}
        </label>
      ))}
    </fieldset>
  );
}
