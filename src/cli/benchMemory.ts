import { openTraining } from '../bench/training';
import { benchRun, randomBatch, randomCheckpoint, TINY_MODEL } from '../bench/model';
import { loadBaseModel, type GpuDevice } from '../engine';
import { footprints, watchBuffers, type Footprint } from './footprint';

/** Steps of the long run, and how often it is noted what they hold. */
const STEPS = 2000;
const EVERY = 250;

/** What 2,000 steps left behind: what was held at the end, less what was held after the first eighth. */
export interface Growth {
  readonly steps: number;
  readonly gpuBytes: number;
  readonly gpuBuffers: number;
  readonly heapBytes: number;
}

/** Trains a tiny model for a long time. V8 compiles in the first steps, which therefore do not count. */
export async function measureGrowth(gpu: GpuDevice): Promise<Growth> {
  const watch = watchBuffers(gpu.device);
  try {
    const base = await loadBaseModel(gpu, randomCheckpoint(TINY_MODEL, 'F32'));
    const run = benchRun(TINY_MODEL, { num_experts: 4, lora_dropout: 0.1, gradient_accumulation_steps: 2 });
    const { trainer } = await openTraining('long run', base, run, randomBatch(TINY_MODEL, 1), base.kernels);
    try {
      const notes = await footprints(trainer, watch, STEPS, EVERY);
      const grown = (of: (note: Footprint) => number) => {
        const [first, last] = [notes[0], notes.at(-1)];
        return first === undefined || last === undefined ? Number.NaN : of(last) - of(first);
      };
      return {
        steps: STEPS,
        gpuBytes: grown((note) => note.gpuBytes),
        gpuBuffers: grown((note) => note.gpuBuffers),
        heapBytes: grown((note) => note.heapBytes),
      };
    } finally {
      trainer.destroy();
      base.destroy();
    }
  } finally {
    watch.end();
  }
}
