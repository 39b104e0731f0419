import { useStore } from 'zustand';
import { deviceStore } from '../state/device';
import { setTheme, viewStore } from '../state/view';
import { Icon } from './shared/Icon';

/** Name, device, theme. */
export function TopBar() {
  return (
    <header className="top-bar">
      <h1 className="brand">
        <Mark />
        MASA playground
      </h1>
      <DeviceChip />
      <ThemeButton />
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
  switch (device.status) {
    case 'checking':
      return (
        <p className="chip">
          <span>Looking for a GPU …</span>
        </p>
      );
    case 'ready':
      return device.info.fallback ? (
        <p className="chip" data-state="software" title="A processor plays the GPU: correct, but slow.">
          <span>{device.info.name}, in software</span>
        </p>
      ) : (
        <p className="chip" data-state="ready">
          <span>{device.info.name}</span>
        </p>
      );
    case 'missing':
    case 'refused':
      return (
        <p className="chip" data-state="bad">
          <span>No WebGPU</span>
        </p>
      );
  }
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
