import { useStore } from 'zustand';
import { command } from '../state/commands';
import { deviceStore } from '../state/device';
import { fitShare } from '../state/fit';
import { historyStore } from '../state/history';
import { setupStore } from '../state/setup';
import { setTheme, viewStore } from '../state/view';
import { SharePanel } from './shell/SharePanel';
import { formatBytes } from './shared/format';
import { Icon } from './shared/Icon';

/** Above this share of what the device gives to one buffer it is close. */
const CLOSE = 0.8;

/** Name; device with the memory of the run; undo, share, commands, theme, keys. */
export function TopBar() {
  return (
    <header className="top-bar">
      <h1 className="brand">
        <Mark />
        <span>
          MASA <span className="brand-more">playground</span>
        </span>
      </h1>
      <DeviceChip />
      <div className="top-actions" role="group" aria-label="Page">
        <HistoryButtons />
        <SharePanel />
        <CommandButton id="palette" icon="search" />
        <ThemeButton />
        <CommandButton id="keys" icon="help" />
      </div>
    </header>
  );
}

/** Two down-projections over one shared base line: the method as a sign. */
export function Mark() {
  return (
    <svg width="22" height="22" viewBox="0 0 22 22" aria-hidden="true" fill="currentColor">
      <rect x="2" y="3" width="18" height="4" rx="2" />
      <rect x="2" y="9" width="18" height="4" rx="2" />
      <rect x="2" y="15" width="8" height="4" rx="2" opacity="0.45" />
      <rect x="12" y="15" width="8" height="4" rx="2" opacity="0.45" />
    </svg>
  );
}

function DeviceChip() {
  const device = useStore(deviceStore);
  const plan = useStore(setupStore, (setup) => setup.plan);
  switch (device.status) {
    case 'checking':
      return (
        <p className="chip">
          <span>Looking for a GPU …</span>
        </p>
      );
    case 'ready': {
      const { name, fallback } = device.info;
      const close = plan !== undefined && fitShare(plan) > CLOSE;
      const title = fallback
        ? 'A processor plays the GPU: correct, but slow.'
        : close
          ? 'The largest buffer of this run is close to what this GPU gives to one.'
          : 'The GPU that trains, and the memory that a run with these settings takes on it.';
      return (
        <p className="chip" data-state={fallback || close ? 'software' : 'ready'} title={title}>
          <span>
            {name}
            {fallback ? ', in software' : ''}
          </span>
          {plan === undefined ? null : (
            <strong className="number">{formatBytes(plan.bytes.total)} a run</strong>
          )}
        </p>
      );
    }
    case 'replay': {
      const title = 'What runs here was recorded elsewhere; this is the memory that it takes on the GPU.';
      return (
        <p className="chip" data-state="software" title={title}>
          <span>Recording, no WebGPU</span>
          {plan === undefined ? null : <strong className="number">{formatBytes(plan.bytes.total)}</strong>}
        </p>
      );
    }
    case 'missing':
    case 'refused':
      return (
        <p className="chip" data-state="bad">
          <span>No WebGPU</span>
        </p>
      );
  }
}

function HistoryButtons() {
  const { past, future } = useStore(historyStore);
  return (
    <>
      <CommandButton id="undo" icon="undo" disabled={past.length === 0} />
      {future.length === 0 ? null : <CommandButton id="redo" icon="redo" />}
    </>
  );
}

/** A command of the registry as an icon. */
function CommandButton({
  id,
  icon,
  disabled = false,
}: {
  readonly id: string;
  readonly icon: Parameters<typeof Icon>[0]['name'];
  readonly disabled?: boolean;
}) {
  const { label, shortcut, run } = command(id);
  return (
    <button
      type="button"
      className="icon-button large"
      aria-label={label}
      title={shortcut === undefined ? label : `${label} (${shortcut.replace('Mod', 'Ctrl')})`}
      // Not `disabled`: the button keeps the focus when there is nothing more to undo.
      aria-disabled={disabled}
      onClick={() => {
        if (!disabled) run();
      }}
    >
      <Icon name={icon} size={18} />
    </button>
  );
}

function ThemeButton() {
  const theme = useStore(viewStore, (view) => view.theme);
  const dark = theme === undefined ? matchMedia('(prefers-color-scheme: dark)').matches : theme === 'dark';
  return (
    <button
      type="button"
      className="icon-button large"
      aria-label={dark ? 'Light colours' : 'Dark colours'}
      title={dark ? 'Light colours' : 'Dark colours'}
      onClick={() => {
        setTheme(dark ? 'light' : 'dark');
      }}
    >
      <Icon name={dark ? 'sun' : 'moon'} size={18} />
    </button>
  );
}
