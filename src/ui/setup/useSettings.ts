import { useMemo } from 'react';
import { useStore } from 'zustand';
import { deviceInfo, deviceStore } from '../../state/device';
import { settings, setupStore, type Settings } from '../../state/setup';

/** The form's values, their defaults and the first problem, kept up to date. */
export function useSettings(): Settings {
  const setup = useStore(setupStore);
  const software = useStore(deviceStore, (device) => deviceInfo(device)?.fallback === true);
  return useMemo(() => settings(setup, software), [setup, software]);
}
