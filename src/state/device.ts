import { createStore } from 'zustand/vanilla';
import type { DeviceInfo } from '../worker/protocol';

/** `missing`: the browser has no WebGPU. `refused`: it has, but gave no device; `message` says why. */
export type DeviceState =
  | { readonly status: 'checking' }
  | { readonly status: 'ready'; readonly info: DeviceInfo }
  | { readonly status: 'missing' }
  | { readonly status: 'refused'; readonly message: string };

export const deviceStore = createStore<DeviceState>(() => ({ status: 'checking' }));
