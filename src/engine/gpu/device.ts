import { UserError } from '../../config/errors';

/** An open WebGPU device and what the engine needs to know about it. */
export interface GpuDevice {
  readonly device: GPUDevice;
  readonly info: AdapterDescription;
  /** Threads that run in step, where the device has subgroups, all of one width; else undefined. */
  readonly subgroupSize: number | undefined;
  /** The device computes with f16 in shaders. */
  readonly shaderF16: boolean;
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

/** Features that a kernel is faster with; none is needed. */
const FAST_PATHS: readonly GPUFeatureName[] = ['subgroups', 'shader-f16'];

/**
 * Opens the adapter that the GPU object prefers.
 *
 * @param options.without features to be left off although the adapter has them
 * @throws UserError when there is no adapter or it refuses a device
 */
export async function openDevice(
  gpu: GPU,
  options: { readonly without?: readonly GPUFeatureName[] } = {},
): Promise<GpuDevice> {
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
  const requiredFeatures = FAST_PATHS.filter(
    (feature) => adapter.features.has(feature) && options.without?.includes(feature) !== true,
  );
  const request = adapter.requestDevice({ label: 'masa', requiredLimits, requiredFeatures });
  const device = await request.catch((error: unknown) => {
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
  return {
    device,
    info: describe(adapter),
    subgroupSize: device.features.has('subgroups') ? subgroupSize(adapter) : undefined,
    shaderF16: device.features.has('shader-f16'),
    lost,
    firstError: () => uncaughtErrors.get(device),
  };
}

/** Width of a subgroup where the adapter has only one; some say it in fields that other versions lack. */
function subgroupSize(adapter: GPUAdapter): number | undefined {
  const info: Partial<GPUAdapterInfo> = 'info' in adapter ? adapter.info : {};
  const { subgroupMinSize, subgroupMaxSize } = info;
  return subgroupMinSize === subgroupMaxSize ? subgroupMinSize : undefined;
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
