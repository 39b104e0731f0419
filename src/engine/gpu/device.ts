import { UserError } from '../../config/errors';

/** An open WebGPU device and what the engine needs to know about it. */
export interface GpuDevice {
  readonly device: GPUDevice;
  readonly info: AdapterDescription;
  /** Resolves with a sentence when the device is lost for another reason than `device.destroy()`. */
  readonly lost: Promise<string>;
  /** First error that no scope caught since the last one was thrown; see throwUncaughtError. */
  readonly firstError: () => string | undefined;
}

export interface AdapterDescription {
  readonly name: string;
  readonly vendor: string;
  readonly architecture: string;
  /** True for software adapters (SwiftShader, lavapipe): small steps, small models. */
  readonly fallback: boolean;
  readonly features: readonly string[];
}

/** Limits raised to what the adapter has, each because a kernel or a weight needs it. */
const RAISED_LIMITS = [
  'maxBufferSize', // embeddings and heads of real checkpoints
  'maxStorageBufferBindingSize', // the same, bound in one piece where possible
] as const;

/**
 * Opens the adapter that the GPU object prefers.
 *
 * @throws UserError when there is no adapter or it refuses a device
 */
export async function openDevice(gpu: GPU): Promise<GpuDevice> {
  const adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' });
  if (adapter === null) {
    throw new UserError(
      'WebGPU',
      'no adapter was found on this machine',
      'use a browser with WebGPU on a machine with a GPU driver, or install a software driver (Mesa lavapipe)',
    );
  }
  const requiredLimits: Record<string, number> = {};
  for (const name of RAISED_LIMITS) requiredLimits[name] = adapter.limits[name];
  const device = await adapter.requestDevice({ label: 'masa', requiredLimits }).catch((error: unknown) => {
    const reason = error instanceof Error ? error.message.replace(/[.\n]+$/, '') : String(error);
    throw new UserError(
      'WebGPU',
      `the adapter gives no device (${reason})`,
      'restart the browser or the program',
    );
  });
  device.addEventListener('uncapturederror', (event) => {
    if (!uncaughtErrors.has(device)) uncaughtErrors.set(device, event.error.message);
  });
  const lost = new Promise<string>((resolve) => {
    void device.lost.then((reason) => {
      if (reason.reason !== 'destroyed') resolve(`the GPU device was lost (${reason.message})`);
    });
  });
  return { device, info: describe(adapter), lost, firstError: () => uncaughtErrors.get(device) };
}

const uncaughtErrors = new WeakMap<GPUDevice, string>();

/**
 * Numbers computed after an error that nobody caught mean nothing: everything that reads results calls this.
 * An error is thrown once, so that work that starts afterwards is judged by its own.
 */
export function throwUncaughtError(device: GPUDevice): void {
  const message = uncaughtErrors.get(device);
  if (message === undefined) return;
  uncaughtErrors.delete(device);
  throw new Error(`the GPU reported an error: ${message}`);
}

function describe(adapter: GPUAdapter): AdapterDescription {
  // Browsers of the first WebGPU years have no `info`, or one without some of its fields.
  const info: Partial<GPUAdapterInfo> = 'info' in adapter ? adapter.info : {};
  const { vendor = '', architecture = '', device = '', description = '' } = info;
  const name = [description, device, architecture, vendor].find((text) => text !== '') ?? 'unknown adapter';
  return {
    name,
    vendor,
    architecture,
    fallback:
      info.isFallbackAdapter === true || /swiftshader|llvmpipe|lavapipe|software/i.test(`${name} ${device}`),
    features: [...adapter.features].sort(),
  };
}
