import { expect, it } from 'vitest';
import { footprints, watchBuffers } from '../../src/cli/footprint';
import { createTrainer, loadBaseModel, openDevice } from '../../src/engine';
import { microBatch } from '../../src/engine/data/batch';
import { describeGpu, testGpu } from '../support/dawn';
import { gradientFixture } from '../support/fixture';
import { randomIntegers } from '../support/random';
import { testRun } from '../support/runs';

const ROWS = 16;
/** Of the fixture's model. */
const VOCABULARY = 67;

const INTERVALS = 15;
/** Steps; so many that what a note itself takes, some 200 bytes, hardly counts. */
const INTERVAL = 20;
/**
 * Bytes. The smallest object that a step could leave behind takes some 50 bytes. Measured on lavapipe: at most 300; with
 * an object of one number kept a step, 800 and more.
 */
const MOST_GROWTH = 32 * INTERVAL;

/**
 * What steps leave behind is in every interval. What V8 compiles or discards in the background, kilobytes at a time, is
 * in fewer than half of them, with either sign: it could hide a leak from the smallest growth, and not from the median.
 */
function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;
}

describeGpu('the memory of a training', () => {
  it('is the planned GPU memory, and stays flat over hundreds of steps', async () => {
    const { checkpoint } = await gradientFixture('masa');
    const gpu = await openDevice((await testGpu())!);
    const watch = watchBuffers(gpu.device);
    const base = await loadBaseModel(gpu, checkpoint);
    const settings = { r: 2, lora_dropout: 0.1, gradient_accumulation_steps: 2 };
    const trainer = await createTrainer(base, {
      run: testRun(base.config.layers, ROWS, { ...settings, max_steps: 1000 }),
      batches: {
        batchFor: (step, micro) => {
          const ids = Uint32Array.from(randomIntegers(ROWS, VOCABULARY, 2 * step + micro));
          return microBatch([[{ ids, train: Uint8Array.from(ids, () => 1), task: undefined }]], 1, ROWS);
        },
        validation: [],
      },
    });
    // In the first hundred steps V8 still compiles and discards code.
    const [start] = await footprints(trainer, watch, 100, 100);
    const notes = [start!, ...(await footprints(trainer, watch, INTERVALS * INTERVAL, INTERVAL))];
    for (const { gpuBytes, gpuBuffers } of notes) {
      expect([gpuBytes, gpuBuffers]).toEqual([trainer.plan.bytes.total, start!.gpuBuffers]);
    }
    const growth = notes.slice(1).map(({ heapBytes }, at) => heapBytes - notes[at]!.heapBytes);
    expect(median(growth)).toBeLessThan(MOST_GROWTH);
    trainer.destroy();
    expect(watch.bytes).toBe(base.bytes);
    base.destroy();
    expect(watch.count).toBe(0);
    watch.end();
  });
});
