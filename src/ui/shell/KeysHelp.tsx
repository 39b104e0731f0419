import { useEffect, useRef } from 'react';
import { COMMANDS } from '../../state/commands';
import { setDialog } from '../../state/view';
import { Icon } from '../shared/Icon';
import { Keys } from './Keys';

/** All keys of the page, from the registry. */
export default function KeysHelp() {
  const box = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    box.current?.showModal();
  }, []);
  return (
    <dialog
      ref={box}
      className="keys-help"
      aria-labelledby="keys-title"
      onClose={() => {
        setDialog(undefined);
      }}
      onClick={(event) => {
        if (event.target === event.currentTarget) event.currentTarget.close();
      }}
    >
      <div className="dialog-head">
        <h2 id="keys-title">Keys</h2>
        <button
          type="button"
          className="icon-button large"
          aria-label="Close"
          onClick={() => box.current?.close()}
        >
          <Icon name="close" />
        </button>
      </div>
      <dl>
        {COMMANDS.map(({ id, label, shortcut }) =>
          shortcut === undefined ? null : (
            <div key={id}>
              <dt>{label}</dt>
              <dd>
                <Keys shortcut={shortcut} />
              </dd>
            </div>
          ),
        )}
      </dl>
      <p className="small muted">
        Tab goes from control to control, the arrow keys move within cards, tabs and charts. While you type,
        letters are letters. Everything stays on this computer.
      </p>
    </dialog>
  );
}
