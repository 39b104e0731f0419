import type { Tokenizer } from '../data/tokenizer';
import { allocate, type Buffers } from '../gpu/buffers';
import type { GpuDevice } from '../gpu/device';
import type { Checkpoint, WeightTensor } from './checkpoint';
import { usualKernels, type KernelChoice } from '../ops/gemm/choice';
import { fingerprint } from './fingerprint';
import type { LlamaConfig } from './llamaConfig';
import { storedBytes, weightInfo, type ModelWeights } from './weights';

/** A frozen base model on the GPU. Runs, evaluations and generators share its weights. */
export interface BaseModel {
  readonly name: string;
  /** See fingerprint.ts. */
  readonly fingerprint: string;
  readonly config: LlamaConfig;
  readonly tokenizer: Tokenizer | undefined;
  readonly weights: ModelWeights;
  readonly gpu: GpuDevice;
  /** For everything that is not told otherwise. */
  readonly kernels: KernelChoice;
  /** Bytes of its buffers. */
  readonly bytes: number;
  /** A weight's buffer by its Hugging Face name. */
  readonly buffer: (name: string) => GPUBuffer | undefined;
  destroy(): void;
}

/** Bytes that are in memory at once while a tensor is uploaded; a multiple of 4. */
const CHUNK = 16 * 2 ** 20;

/**
 * Uploads a checkpoint in its file's precision, tensor by tensor, in chunks: the file is never in memory whole.
 *
 * @param onProgress bytes uploaded so far and in all
 * @param signal stops between chunks; everything is freed then
 */
export async function loadBaseModel(
  gpu: GpuDevice,
  checkpoint: Checkpoint,
  onProgress?: (done: number, total: number) => void,
  signal?: AbortSignal,
): Promise<BaseModel> {
  const weights = weightInfo(checkpoint);
  const identity = await fingerprint(checkpoint);
  const buffers = await allocate(gpu.device, weights.buffers);
  const total = buffers.allocatedBytes;
  let done = 0;
  try {
    for (const { name, bytes } of weights.buffers) {
      const tensor = checkpoint.tensors.get(name);
      if (tensor === undefined) throw new Error(`the checkpoint has no tensor ${name}`);
      for (let begin = 0; begin < bytes; begin += CHUNK) {
        signal?.throwIfAborted();
        await upload(gpu.device, buffers, tensor, begin);
        done += Math.min(CHUNK, bytes - begin);
        onProgress?.(done, total);
      }
    }
  } catch (error) {
    buffers.destroy();
    throw error;
  }
  const names = new Set(weights.buffers.map((buffer) => buffer.name));
  return {
    name: checkpoint.name,
    fingerprint: identity,
    config: checkpoint.config,
    tokenizer: checkpoint.tokenizer,
    weights,
    gpu,
    kernels: usualKernels(gpu),
    bytes: total,
    buffer: (name) => (names.has(name) ? buffers.get(name) : undefined),
    destroy: () => {
      buffers.destroy();
    },
  };
}

async function upload(device: GPUDevice, buffers: Buffers, tensor: WeightTensor, begin: number) {
  const stored = storedBytes(tensor);
  const end = Math.min(begin + CHUNK, stored);
  const fileEnd = Math.min(end, stored - padding(tensor));
  const bytes = await tensor.read(begin, fileEnd);
  // An odd number of 16-bit weights leaves half a word, which WebGPU cannot write alone.
  const whole = end === fileEnd ? bytes : new Uint8Array(end - begin);
  if (whole !== bytes) whole.set(bytes);
  device.queue.writeBuffer(buffers.get(tensor.name), begin, whole);
}

function padding(tensor: WeightTensor): number {
  const elements = tensor.shape.reduce((product, size) => product * size, 1);
  return tensor.dtype === 'F32' ? 0 : (elements % 2) * 2;
}
