import { useEffect } from 'react';
import { commandOf, isAvailable } from '../../state/commands';
import { viewStore } from '../../state/view';

/** Controls that take a key for themselves. */
const TYPED =
  'textarea, select, [contenteditable], input:not([type=radio]):not([type=checkbox]):not([type=range])';
const PRESSED = 'button, a, summary, input, select, textarea, [role=tab], [tabindex="0"]';

/** Lets the keys of the registry do their commands, wherever the focus is, unless a control there wants the key. */
export function useShortcuts(): void {
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.isComposing || viewStore.getState().dialog !== undefined) return;
      const found = commandOf(event);
      if (found === undefined || isWanted(event, found.shortcut ?? '')) return;
      if (!isAvailable(found)) return;
      event.preventDefault();
      found.run();
    };
    addEventListener('keydown', press);
    return () => {
      removeEventListener('keydown', press);
    };
  }, []);
}

/** Whether the control with the focus does something of its own with a key. */
function isWanted({ target }: KeyboardEvent, shortcut: string): boolean {
  if (!(target instanceof Element)) return false;
  if (shortcut === 'Mod+K') return false;
  if (target.closest(TYPED) !== null) return true; // also its own undo
  return shortcut === 'Space' && target.closest(PRESSED) !== null;
}
