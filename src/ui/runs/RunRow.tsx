import { useState } from 'react';
import { useStore } from 'zustand';
import { inTurn } from '../../state/reading';
import { continueKept, showKept } from '../../state/keptRun';
import { overlayStore } from '../../state/overlay';
import { isActive, runStore } from '../../state/run';
import { labelRun, removeRun, toggleShown, runsStore, type RunSummary } from '../../state/runs';
import { lookOf } from '../charts/palette';
import { Swatch } from '../charts/Swatch';
import { saveRun } from '../../state/runFiles';
import { formatCount, formatValue } from '../shared/format';

/** One kept run. */
export function RunRow({ run }: { readonly run: RunSummary }) {
  const { id, name, caption, note, pinned } = run;
  const shown = useStore(runsStore, (state) => state.shown.includes(id));
  const slot = useStore(overlayStore, ({ slots }) => slots.get(id));
  const onPage = useStore(runStore, (state) => state.id === id);
  const active = useStore(runStore, ({ status }) => isActive(status));
  const look = onPage ? lookOf(0) : slot === undefined ? undefined : lookOf(slot);
  return (
    <li className="run-row" aria-label={name} aria-current={onPage ? 'true' : undefined}>
      <div className="run-head">
        <span className="run-swatch">{look === undefined ? null : <Swatch look={look} />}</span>
        <Editable label="Name" value={name} onChange={(text) => void labelRun(id, { name: text || name })} />
      </div>
      <p className="small">{caption}</p>
      <p className="small muted number">{figures(run)}</p>
      <Editable label="Note" value={note} onChange={(text) => void labelRun(id, { note: text })} />
      <div className="run-actions">
        <Toggle
          on={shown}
          label="On the charts"
          disabled={onPage}
          onClick={() => {
            toggleShown(id);
          }}
        />
        <Toggle on={pinned} label="Pin" onClick={() => void labelRun(id, { pinned: !pinned })} />
        {onPage ? null : <Action label="Open" disabled={active} onClick={() => void showKept(id)} />}
        {run.status === 'done' || (onPage && active) ? null : (
          <Action label="Go on" disabled={active} onClick={() => void inTurn(() => continueKept(id))} />
        )}
        <Action label="Save to a file" onClick={() => void saveRun(id)} />
        <Action label="Delete" disabled={onPage && active} onClick={() => void removeRun(id)} />
      </div>
    </li>
  );
}

/** A text that is changed where it stands, and taken when the field is left or Enter is pressed. */
function Editable({
  label,
  value,
  onChange,
}: {
  readonly label: string;
  readonly value: string;
  readonly onChange: (text: string) => void;
}) {
  const [draft, setDraft] = useState<string>();
  return (
    <input
      className={`run-text ${label.toLowerCase()}`}
      aria-label={label}
      placeholder={label === 'Note' ? 'Add a note' : label}
      maxLength={200}
      value={draft ?? value}
      onChange={(event) => {
        setDraft(event.target.value);
      }}
      onKeyDown={(event) => {
        if (event.key === 'Enter') event.currentTarget.blur();
        if (event.key === 'Escape' && draft !== undefined) {
          event.preventDefault();
          event.stopPropagation();
          setDraft(undefined);
        }
      }}
      onBlur={() => {
        if (draft !== undefined && draft.trim() !== value) onChange(draft.trim());
        setDraft(undefined);
      }}
    />
  );
}

function Toggle(props: {
  readonly on: boolean;
  readonly label: string;
  readonly disabled?: boolean;
  readonly onClick: () => void;
}) {
  const { on, label, disabled = false, onClick } = props;
  return (
    <button type="button" className="button quiet" aria-pressed={on} disabled={disabled} onClick={onClick}>
      {label}
    </button>
  );
}

function Action(props: {
  readonly label: string;
  readonly disabled?: boolean;
  readonly onClick: () => void;
}) {
  const { label, disabled = false, onClick } = props;
  return (
    <button type="button" className="button quiet" disabled={disabled} onClick={onClick}>
      {label}
    </button>
  );
}

function figures({ status, steps, settings, lastLoss, finalValidation, model, data }: RunSummary): string {
  const states = {
    running: 'under way',
    paused: 'paused',
    stopped: 'stopped',
    done: 'done',
    failed: 'ended early',
  } as const;
  return [
    `${formatCount(steps)} of ${formatCount(settings.max_steps)} steps, ${states[status]}`,
    ...(lastLoss === undefined ? [] : [`loss ${formatValue(lastLoss)}`]),
    ...(finalValidation === undefined ? [] : [`validation ${formatValue(finalValidation)}`]),
    `${data.name} with ${model.name}`,
  ].join(' · ');
}
