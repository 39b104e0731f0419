import { useEffect, useId, useRef, useState } from 'react';
import { COMMANDS, findCommands, isAvailable, type Command } from '../../state/commands';
import { setDialog } from '../../state/view';
import { Keys } from './Keys';

/** Every command that can be done now, found by a few of its letters. */
export default function Palette() {
  const id = useId();
  const [text, setText] = useState('');
  const [at, setAt] = useState(0);
  const [offered] = useState(() => COMMANDS.filter((row) => row.id !== 'palette' && isAvailable(row)));
  const box = useRef<HTMLDialogElement>(null);
  const list = useRef<HTMLUListElement>(null);
  const found = findCommands(text, offered);
  const chosen = found[Math.min(at, found.length - 1)];
  useEffect(() => {
    box.current?.showModal();
  }, []);
  useEffect(() => {
    list.current?.querySelector('[aria-selected=true]')?.scrollIntoView({ block: 'nearest' });
  }, [chosen]);
  const take = (row: Command | undefined) => {
    if (row === undefined) return;
    box.current?.close(); // gives the focus back before the command may move it
    row.run();
  };
  return (
    <dialog
      ref={box}
      className="palette"
      aria-label="Commands"
      onClose={() => {
        setDialog(undefined);
      }}
      onClick={(event) => {
        if (event.target === event.currentTarget) event.currentTarget.close();
      }}
    >
      <input
        className="palette-input"
        role="combobox"
        aria-label="Find a command"
        aria-expanded="true"
        aria-controls={`${id}-list`}
        aria-activedescendant={chosen === undefined ? undefined : `${id}-${chosen.id}`}
        aria-autocomplete="list"
        autoComplete="off"
        spellCheck={false}
        placeholder="What do you want to do?"
        value={text}
        onChange={(event) => {
          setText(event.target.value);
          setAt(0);
        }}
        onKeyDown={(event) => {
          const move = { ArrowDown: 1, ArrowUp: -1 }[event.key];
          if (move !== undefined && found.length > 0) {
            event.preventDefault();
            setAt((Math.min(at, found.length - 1) + move + found.length) % found.length);
          } else if (event.key === 'Enter') {
            event.preventDefault();
            take(chosen);
          }
        }}
      />
      <ul ref={list} id={`${id}-list`} role="listbox" aria-label="Commands" className="palette-list">
        {found.map((row) => (
          <li
            key={row.id}
            id={`${id}-${row.id}`}
            role="option"
            aria-selected={row === chosen}
            onClick={() => {
              take(row);
            }}
          >
            <span>{row.label}</span>
            {row.shortcut === undefined ? (
              <span className="muted small">{row.group}</span>
            ) : (
              <Keys shortcut={row.shortcut} />
            )}
          </li>
        ))}
      </ul>
      {found.length === 0 ? <p className="palette-none muted">No command has these letters.</p> : null}
    </dialog>
  );
}
