import { throwUncaughtError } from './device';

/**
 * Copies a byte range of a storage buffer to the CPU. Waits for everything submitted before; never called in the
 * middle of a step.
 *
 * @throws Error when the GPU reported an error
 * @param offset first byte, a multiple of 4
 * @param bytes length, a multiple of 4
 */
export async function readBytes(
  device: GPUDevice,
  buffer: GPUBuffer,
  offset = 0,
  bytes = buffer.size - offset,
): Promise<ArrayBuffer> {
  const staging = device.createBuffer({
    label: `read ${buffer.label}`,
    size: bytes,
    usage: GPUBufferUsage.COPY_DST | GPUBufferUsage.MAP_READ,
  });
  const encoder = device.createCommandEncoder();
  encoder.copyBufferToBuffer(buffer, offset, staging, 0, bytes);
  device.queue.submit([encoder.finish()]);
  try {
    return await readStaging(device, staging);
  } finally {
    staging.destroy();
  }
}

/** The content of a staging buffer that was copied to, and the verdict on all work before it. */
export async function readStaging(device: GPUDevice, staging: GPUBuffer): Promise<ArrayBuffer> {
  await staging.mapAsync(GPUMapMode.READ);
  const copy = staging.getMappedRange().slice(0);
  staging.unmap();
  throwUncaughtError(device);
  return copy;
}

/** The same range as f32 values; offset and count are in elements. */
export async function readFloats(
  device: GPUDevice,
  buffer: GPUBuffer,
  offset = 0,
  count = buffer.size / 4 - offset,
): Promise<Float32Array<ArrayBuffer>> {
  return new Float32Array(await readBytes(device, buffer, offset * 4, count * 4));
}
