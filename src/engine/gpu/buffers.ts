import { UserError } from '../../config/errors';
import type { BufferSpec } from './dispatch';

/** The buffers of one plan: allocated together, found by name, destroyed together. */
export interface Buffers {
  get(name: string): GPUBuffer;
  /** Bytes really allocated; a test holds it against the plan's sum. */
  readonly allocatedBytes: number;
  destroy(): void;
}

/**
 * Allocates exactly the listed buffers.
 *
 * @throws UserError when the adapter has too little memory; nothing stays allocated then
 */
export async function allocate(device: GPUDevice, specs: readonly BufferSpec[]): Promise<Buffers> {
  const names = new Set<string>();
  for (const spec of specs) {
    if (names.has(spec.name)) throw new Error(`buffer ${spec.name} is planned twice`);
    names.add(spec.name);
    if (spec.bytes > device.limits.maxBufferSize) {
      throw outOfMemory(spec, `${spec.name} needs ${megabytes(spec.bytes)} in one buffer`);
    }
  }
  device.pushErrorScope('out-of-memory');
  const buffers = new Map<string, GPUBuffer>();
  let allocatedBytes = 0;
  for (const spec of specs) {
    const buffer = device.createBuffer({
      label: spec.name,
      size: spec.bytes,
      usage: usageFlags(spec.usage ?? 'storage'),
    });
    allocatedBytes += buffer.size;
    buffers.set(spec.name, buffer);
  }
  const destroy = () => {
    for (const buffer of buffers.values()) buffer.destroy();
  };
  if ((await device.popErrorScope()) !== null) {
    destroy();
    throw outOfMemory(specs[0], `${megabytes(allocatedBytes)} could not be allocated`);
  }
  return {
    get: (name) => {
      const buffer = buffers.get(name);
      if (buffer === undefined) throw new Error(`no buffer ${name} in the plan`);
      return buffer;
    },
    allocatedBytes,
    destroy,
  };
}

function usageFlags(usage: NonNullable<BufferSpec['usage']>): GPUBufferUsageFlags {
  switch (usage) {
    case 'storage':
      return GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST;
    case 'uniform':
      return GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST;
    case 'staging':
      return GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST;
  }
}

function outOfMemory(spec: BufferSpec | undefined, problem: string): UserError {
  const remedy =
    spec?.part === 'weights'
      ? 'use a smaller checkpoint, or close what else uses the GPU'
      : 'turn gradient_checkpointing on, lower max_length or per_device_train_batch_size, or use a smaller checkpoint';
  return new UserError('GPU memory', problem, remedy);
}

function megabytes(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(1)} MiB`;
}
