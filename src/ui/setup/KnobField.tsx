import { useId, useState, type ReactNode } from 'react';
import { useStore } from 'zustand';
import { knobRange } from '../../config/defaults';
import type { ChoiceKnob, KnobKey, ModulesKnob, NumberKnob } from '../../config/knob';
import { knob } from '../../config/knobs';
import { MODULES, type ModuleName } from '../../config/modules';
import type { RunConfig } from '../../config/runConfig';
import { setKnob } from '../../state/actions';
import { setupStore, type Settings } from '../../state/setup';
import { Icon } from '../shared/Icon';
import { effectOf } from './effect';
import { fromPosition, SLIDER_STEPS, toPosition } from './sliderScale';

/** One setting, drawn from its row of the knob table. */
export function KnobField({ name, settings }: { readonly name: KnobKey; readonly settings: Settings }) {
  const row = knob(name);
  const id = useId();
  const value = settings.values[name];
  const set = (next: RunConfig[KnobKey]) => {
    setKnob(name, next);
  };
  const frame = (control: ReactNode) => (
    <KnobFrame id={id} name={name} settings={settings}>
      {control}
    </KnobFrame>
  );
  switch (row.kind) {
    case 'integer':
    case 'number':
      return frame(
        <NumberControl id={id} row={row} value={Number(value)} layers={settings.layers} set={set} />,
      );
    case 'choice':
      return frame(
        <ChoiceControl id={id} row={row} value={String(value)} set={set as (text: string) => void} />,
      );
    case 'modules':
      return frame(<ModulesControl id={id} row={row} value={value as readonly ModuleName[]} set={set} />);
  }
}

/** Characters of a unit that fit into a field beside its value; a longer one stands in the hint only. */
const UNIT_ROOM = 8;

/** Label, help, reset, and what is wrong. */
function KnobFrame({
  id,
  name,
  settings,
  children,
}: {
  readonly id: string;
  readonly name: KnobKey;
  readonly settings: Settings;
  readonly children: ReactNode;
}) {
  const row = knob(name);
  const [open, setOpen] = useState(false);
  const touched = String(settings.values[name]) !== String(settings.defaults[name]);
  const problem = settings.problem?.key === name ? settings.problem.message : undefined;
  const single = row.kind === 'integer' || row.kind === 'number';
  const Name = single ? 'label' : 'span';
  return (
    <div className={single ? 'knob' : 'knob wide'} data-bad={problem !== undefined} data-knob={name}>
      <div className="knob-head">
        <Name id={`${id}-name`} {...(single ? { htmlFor: id } : {})}>
          {row.label}
        </Name>
        {touched ? (
          <button
            type="button"
            className="icon-button"
            aria-label={`Reset ${row.label}`}
            title={`Back to the default, ${String(settings.defaults[name])}`}
            onClick={() => {
              setKnob(name, undefined);
            }}
          >
            <Icon name="reset" size={13} />
          </button>
        ) : null}
        <button
          type="button"
          className="icon-button"
          aria-label={`About ${row.label}`}
          aria-expanded={open}
          aria-controls={`${id}-hint`}
          onClick={() => {
            setOpen(!open);
          }}
        >
          <Icon name="help" size={14} />
        </button>
      </div>
      {children}
      <p id={`${id}-hint`} className={open ? 'knob-note' : 'visually-hidden'}>
        {'unit' in row ? `In ${row.unit}. ` : ''}
        {row.hint} {open ? <Effect name={name} settings={settings} /> : null}
        {open && row.link !== undefined ? (
          <a href={row.link} target="_blank" rel="noreferrer">
            Read more
          </a>
        ) : null}
      </p>
      {problem === undefined ? null : (
        <p id={`${id}-problem`} className="knob-note bad" role="alert">
          {problem}
        </p>
      )}
    </div>
  );
}

/** What raising it does here, in numbers. */
function Effect({ name, settings }: { readonly name: KnobKey; readonly settings: Settings }) {
  const config = useStore(setupStore, (setup) => setup.model.chosen?.info.config);
  const effect = effectOf(name, settings, config);
  return effect === undefined ? null : <strong>{effect} </strong>;
}

function NumberControl({
  id,
  row,
  value,
  layers,
  set,
}: {
  readonly id: string;
  readonly row: NumberKnob;
  readonly value: number;
  readonly layers: number;
  readonly set: (value: number) => void;
}) {
  // What is being typed; it may not be a number yet.
  const [draft, setDraft] = useState<string>();
  const [low, high] = row.slider.map((end) => (end === 'layers' ? layers : end));
  const range = [low ?? 0, high ?? 1] as const;
  const [min, max] = knobRange(row, { layers });
  return (
    <>
      <div className="field">
        <input
          id={id}
          inputMode={row.kind === 'integer' ? 'numeric' : 'decimal'}
          autoComplete="off"
          spellCheck={false}
          aria-describedby={`${id}-hint ${id}-problem`}
          aria-invalid={!(value >= min && value <= max)}
          value={draft ?? String(value)}
          onChange={(event) => {
            const text = event.target.value;
            setDraft(text);
            set(text.trim() === '' ? NaN : Number(text));
          }}
          onBlur={() => {
            if (!Number.isNaN(value)) setDraft(undefined);
          }}
        />
        {row.unit === undefined || row.unit.length > UNIT_ROOM ? null : <span>{row.unit}</span>}
      </div>
      <input
        type="range"
        aria-labelledby={`${id}-name`}
        aria-valuetext={String(value)}
        min={0}
        max={SLIDER_STEPS}
        step={1}
        value={toPosition(value, range, row)}
        onChange={(event) => {
          setDraft(undefined);
          set(fromPosition(Number(event.target.value), range, row));
        }}
      />
    </>
  );
}

function ChoiceControl({
  id,
  row,
  value,
  set,
}: {
  readonly id: string;
  readonly row: ChoiceKnob<string>;
  readonly value: string;
  readonly set: (value: string) => void;
}) {
  return (
    <div
      className="segments"
      role="radiogroup"
      aria-labelledby={`${id}-name`}
      aria-describedby={`${id}-hint`}
    >
      {Object.entries(row.choices).map(([choice, label]) => (
        <label key={choice} className="segment">
          <input
            type="radio"
            name={id}
            checked={value === choice}
            onChange={() => {
              set(choice);
            }}
          />
          {label}
        </label>
      ))}
    </div>
  );
}

function ModulesControl({
  id,
  value,
  set,
}: {
  readonly id: string;
  readonly row: ModulesKnob;
  readonly value: readonly ModuleName[];
  readonly set: (value: readonly ModuleName[]) => void;
}) {
  return (
    <div className="modules" role="group" aria-labelledby={`${id}-name`} aria-describedby={`${id}-hint`}>
      {MODULES.map((module) => (
        <label key={module} className="module">
          <input
            type="checkbox"
            checked={value.includes(module)}
            onChange={(event) => {
              const wanted = event.target.checked;
              set(MODULES.filter((other) => (other === module ? wanted : value.includes(other))));
            }}
          />
          {module.replace('_proj', '')}
        </label>
      ))}
    </div>
  );
}
