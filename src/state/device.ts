import { createStore } from 'zustand/vanilla';
import type { Recording } from '../replay/recording';
import type { DeviceInfo } from '../worker/protocol';

/**
 * `missing`: the browser has no WebGPU. `refused`: it has, but gave no device; `message` says why. `replay`: one of the
 * two, of which `reason` is what was said; a recorded run is shown instead.
 */
export type DeviceState =
  | { readonly status: 'checking' }
  | { readonly status: 'ready'; readonly info: DeviceInfo }
  | { readonly status: 'missing' }
  | { readonly status: 'refused'; readonly message: string }
  | { readonly status: 'replay'; readonly reason: string | undefined; readonly recording: Recording };

export const deviceStore = createStore<DeviceState>(() => ({ status: 'checking' }));

/** The device that trains, or the one that the recorded run was trained on. */
export function deviceInfo(device: DeviceState): DeviceInfo | undefined {
  if (device.status === 'replay') return device.recording.device;
  return device.status === 'ready' ? device.info : undefined;
}

/** The same in words. */
export function describeDevice(device: DeviceState): string {
  if (device.status === 'replay') return `none here; the recorded run had ${device.recording.device.name}`;
  return deviceInfo(device)?.name ?? device.status;
}
