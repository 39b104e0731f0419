import { UserError } from '../../config/errors';

/** An open WebGPU device and what the engine needs to know about it. */
export interface GpuDevice {
  readonly device: GPUDevice;
  readonly info: AdapterDescription;
  /** Resolves with a sentence when the device is lost for another reason than `device.destroy()`. */
  readonly lost: Promise<string>;
  /** First error that no scope caught, if any; a run checks it before it trusts its numbers. */
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
  'maxStorageBuffersPerShaderStage', // not needed today beyond 8; harmless
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
  const optional: GPUFeatureName[] = ['timestamp-query'];
  const device = await adapter.requestDevice({
    label: 'masa',
    requiredLimits,
    requiredFeatures: optional.filter((feature) => adapter.features.has(feature)),
  });
  let firstError: string | undefined;
  device.addEventListener('uncapturederror', (event) => {
    firstError ??= event.error.message;
  });
  const lost = new Promise<string>((resolve) => {
    void device.lost.then((reason) => {
      if (reason.reason !== 'destroyed') resolve(`the GPU device was lost (${reason.message})`);
    });
  });
  return { device, info: describe(adapter), lost, firstError: () => firstError };
}

function describe(adapter: GPUAdapter): AdapterDescription {
  const { vendor, architecture, device, description } = adapter.info;
  const name = [description, device, architecture, vendor].find((text) => text !== '') ?? 'unknown adapter';
  return {
    name,
    vendor,
    architecture,
    fallback:
      adapter.info.isFallbackAdapter || /swiftshader|llvmpipe|lavapipe|software/i.test(`${name} ${device}`),
    features: [...adapter.features].sort(),
  };
}
