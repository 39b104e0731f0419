import { UserError } from '../config/errors';
import { openDevice, type GpuDevice } from '../engine/gpu/device';
import { dozeWhileWaiting } from './doze';
import { Interrupted, type Io } from './io';

/** Held to the end of the process: Dawn crashes when its instance is collected before its device. */
const instances: GPU[] = [];

/**
 * WebGPU in Node: Dawn, with its constants put where a browser has them. Which driver it loads is decided by
 * the environment (VK_DRIVER_FILES), which the start script sets.
 */
export async function dawn(): Promise<GPU> {
  const { create, globals } = await import('webgpu').catch((error: unknown) => {
    const detail = error instanceof Error ? error.message : String(error);
    throw new UserError('webgpu', `Dawn cannot be loaded (${detail})`, 'run npm ci on a supported platform');
  });
  Object.assign(globalThis, globals);
  dozeWhileWaiting();
  const gpu = create([]);
  instances.push(gpu);
  return gpu;
}

/**
 * Runs `body` with an open device and closes the device after it, so that the process can end. A device that
 * is lost meanwhile ends the work with the reason, and so does an error that no call reported.
 */
export async function withDevice<T>(io: Io, body: (gpu: GpuDevice) => Promise<T>): Promise<T> {
  const gpu = await openDevice(await io.gpu());
  try {
    const lost = gpu.lost.then((reason): never => {
      throw new Error(reason);
    });
    const result = await Promise.race([body(gpu), lost]);
    const uncaught = gpu.firstError();
    if (uncaught !== undefined) throw new Error(`WebGPU reported an error: ${uncaught}`);
    return result;
  } finally {
    gpu.device.destroy();
  }
}

/** Ends a command at a point where nothing has to be saved, if Ctrl-C was pressed. */
export function stopIfInterrupted(io: Io): void {
  if (io.interrupted.aborted) throw new Interrupted('Stopped.');
}
