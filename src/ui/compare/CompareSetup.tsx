import { useId } from 'react';
import { useStore } from 'zustand';
import { chosenScenario, setupStore } from '../../state/setup';
import { isSweeping, sweepStore, type Contender } from '../../state/sweep';
import { CONTENDERS } from '../../state/sweepFile';
import { setChoice } from '../../state/sweepQueue';

const SEEDS = [1, 2, 3, 4, 5];
const QUESTIONS = [0, 20, 50, 100, 200];
const GRID = [1, 2, 4, 8];
/** The order of the page, whatever was clicked first. */
const ORDER = Object.keys(CONTENDERS) as Contender[];

/** What is compared: methods, seeds, budget, and a grid for MASA. All else is the form's. */
export function CompareSetup() {
  const choice = useStore(sweepStore, (state) => state.choice);
  const sweeping = useStore(sweepStore, isSweeping);
  const scenario = useStore(setupStore, chosenScenario);
  const { contenders, seeds, match, grid, questions } = choice;
  return (
    <fieldset className="compare-setup" disabled={sweeping}>
      <legend className="small muted">
        Trains each of these with the settings of the form, one run after the other, and sets them side by
        side.
      </legend>
      <div className="segments" role="group" aria-label="Methods">
        {ORDER.map((contender) => (
          <Pill
            key={contender}
            label={CONTENDERS[contender].name}
            checked={contenders.includes(contender)}
            onChange={(checked) => {
              setChoice({
                contenders: ORDER.filter((other) =>
                  other === contender ? checked : contenders.includes(other),
                ),
              });
            }}
          />
        ))}
      </div>
      <div className="compare-row">
        <Choice
          label="Seeds"
          value={seeds}
          values={SEEDS}
          show={String}
          onChange={(value) => {
            setChoice({ seeds: value });
          }}
        />
        {scenario === undefined ? null : (
          <Choice
            label="Questions a task"
            value={questions}
            values={QUESTIONS.filter((count) => count <= scenario.heldOut)}
            show={(value) => (value === 0 ? 'none' : String(value))}
            onChange={(value) => {
              setChoice({ questions: value });
            }}
          />
        )}
        <label className="compare-check">
          <input
            type="checkbox"
            checked={match}
            onChange={(event) => {
              setChoice({ match: event.target.checked });
            }}
          />
          Match the budget of the first
        </label>
        {contenders.includes('masa') ? (
          <label className="compare-check">
            <input
              type="checkbox"
              checked={grid !== undefined}
              onChange={(event) => {
                setChoice({
                  grid: event.target.checked ? { num_experts: [1, 2, 4], group_size: [1, 2] } : undefined,
                });
              }}
            />
            Grid over E and S for MASA
          </label>
        ) : null}
      </div>
      {grid === undefined || !contenders.includes('masa') ? null : (
        <div className="compare-row">
          {(['num_experts', 'group_size'] as const).map((key) => (
            <div key={key} className="segments" role="group" aria-label={key}>
              <span className="small">{key === 'num_experts' ? 'Experts (E)' : 'Group size (S)'}</span>
              {GRID.map((value) => (
                <Pill
                  key={value}
                  label={String(value)}
                  checked={grid[key].includes(value)}
                  onChange={(checked) => {
                    const values = GRID.filter((other) =>
                      other === value ? checked : grid[key].includes(other),
                    );
                    if (values.length > 0) setChoice({ grid: { ...grid, [key]: values } });
                  }}
                />
              ))}
            </div>
          ))}
        </div>
      )}
    </fieldset>
  );
}

function Pill({
  label,
  checked,
  onChange,
}: {
  readonly label: string;
  readonly checked: boolean;
  readonly onChange: (checked: boolean) => void;
}) {
  return (
    <label className="segment compare-pill">
      <input
        type="checkbox"
        checked={checked}
        onChange={(event) => {
          onChange(event.target.checked);
        }}
      />
      {label}
    </label>
  );
}

function Choice({
  label,
  value,
  values,
  show,
  onChange,
}: {
  readonly label: string;
  readonly value: number;
  readonly values: readonly number[];
  readonly show: (value: number) => string;
  readonly onChange: (value: number) => void;
}) {
  const id = useId();
  return (
    <span className="compare-choice">
      <label htmlFor={id}>{label}</label>
      <span className="field">
        <select
          id={id}
          value={value}
          onChange={(event) => {
            onChange(Number(event.target.value));
          }}
        >
          {values.map((option) => (
            <option key={option} value={option}>
              {show(option)}
            </option>
          ))}
        </select>
      </span>
    </span>
  );
}
