import { create, globals } from 'webgpu';
import { dozeWhileWaiting } from '../../src/cli/doze';

/** A device that some engine opened, and the adapter that it came from. */
interface OpenedDevice {
  readonly device: GPUDevice;
  readonly adapter: string;
}

/** WebGPU in Node, the same for every engine, with a record of all devices that they open. */
export interface Environment {
  readonly gpu: GPU;
  readonly opened: readonly OpenedDevice[];
  /** Runs `body` in error scopes on the given devices and throws what they or nobody caught. */
  guarded<T>(devices: readonly GPUDevice[], body: () => Promise<T>): Promise<T>;
}

const SCOPES: readonly GPUErrorFilter[] = ['validation', 'out-of-memory', 'internal'];

/** Puts Dawn where a browser has WebGPU; to be called once, before any engine is loaded. */
export function openEnvironment(): Environment {
  Object.assign(globalThis, globals);
  dozeWhileWaiting();
  const gpu = create([]);
  // tfjs and jax-js look for these; Node has none of them, or a navigator without WebGPU.
  Object.defineProperty(globalThis, 'navigator', { value: { gpu, userAgent: 'node' }, configurable: true });
  Object.assign(globalThis, { window: globalThis, self: globalThis });
  const opened: OpenedDevice[] = [];
  const uncaught: string[] = [];
  recordDevices(opened, uncaught);
  return {
    gpu,
    opened,
    async guarded(devices, body) {
      for (const device of devices) for (const scope of SCOPES) device.pushErrorScope(scope);
      const result = await body();
      const caught = await Promise.all(devices.flatMap((device) => SCOPES.map(() => device.popErrorScope())));
      const errors = [...uncaught, ...caught.flatMap((error) => error?.message ?? [])];
      if (errors[0] !== undefined) throw new Error(`the GPU reported an error: ${errors[0]}`);
      return result;
    },
  };
}

/** Name of the one adapter that all devices came from; ratios between adapters would mean nothing. */
export function commonAdapter(opened: readonly OpenedDevice[]): string {
  const names = [...new Set(opened.map(({ adapter }) => adapter))];
  if (names.length !== 1) throw new Error(`the engines opened different adapters: ${names.join('; ')}`);
  return names.join();
}

function recordDevices(opened: OpenedDevice[], uncaught: string[]): void {
  const { prototype } = GPUAdapter;
  // eslint-disable-next-line @typescript-eslint/unbound-method -- called with its object below
  const request = prototype.requestDevice;
  prototype.requestDevice = async function (this: GPUAdapter, descriptor) {
    const device = await request.call(this, descriptor);
    device.addEventListener('uncapturederror', ({ error }) => uncaught.push(error.message));
    const { vendor, architecture, device: name, description } = this.info;
    const adapter = [vendor, architecture, name, description].filter((part) => part !== '').join(', ');
    opened.push({ device, adapter });
    return device;
  };
}
