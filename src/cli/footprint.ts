import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { Trainer } from '../engine';

/** GPU buffers that were created since a watch began and are not destroyed. */
export interface BufferWatch {
  readonly count: number;
  readonly bytes: number;
  /** Leaves the device as it was. */
  end(): void;
}

/** Counts a device's buffers from now on. */
export function watchBuffers(device: GPUDevice): BufferWatch {
  const alive = new Map<GPUBuffer, number>();
  const create = device.createBuffer.bind(device);
  device.createBuffer = (descriptor) => {
    const buffer = create(descriptor);
    const destroy = buffer.destroy.bind(buffer);
    alive.set(buffer, descriptor.size);
    buffer.destroy = () => {
      alive.delete(buffer);
      destroy();
    };
    return buffer;
  };
  return {
    get count() {
      return alive.size;
    },
    get bytes() {
      return [...alive.values()].reduce((sum, bytes) => sum + bytes, 0);
    },
    end: () => {
      device.createBuffer = create;
    },
  };
}

/** What a training holds after a step. */
export interface Footprint {
  readonly step: number;
  /** GPU bytes and buffers that were created since the watch began. */
  readonly gpuBytes: number;
  readonly gpuBuffers: number;
  /** Bytes of JavaScript objects and of their buffers, after a garbage collection. */
  readonly heapBytes: number;
}

/**
 * Trains and notes now and then what is held, to show that it does not grow. Steps run ahead as in a real run.
 *
 * @param steps steps to do
 * @param every steps between two notes; the first is made after as many
 */
export async function footprints(
  trainer: Pick<Trainer, 'steps' | 'stepsDone'>,
  watch: BufferWatch,
  steps: number,
  every: number,
): Promise<Footprint[]> {
  const notes: Footprint[] = [];
  const end = trainer.stepsDone + steps;
  while (trainer.stepsDone < end) {
    await trainer.steps(Math.min(end, trainer.stepsDone + every), () => undefined);
    const { bytes, count } = watch;
    notes.push({ step: trainer.stepsDone, gpuBytes: bytes, gpuBuffers: count, heapBytes: heapBytes() });
  }
  return notes;
}

/** Bytes in use after a full collection, which is made callable here. */
function heapBytes(): number {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  collect();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}
