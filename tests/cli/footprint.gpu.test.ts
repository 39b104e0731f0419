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
    const [, before, after] = await footprints(trainer, watch, 300, 100);
    expect(before!.gpuBytes).toBe(trainer.plan.bytes.total);
    expect(after!.gpuBytes).toBe(before!.gpuBytes);
    expect(after!.gpuBuffers).toBe(before!.gpuBuffers);
    // The smallest object that a step could leave behind takes some 50 bytes. Measured: 2 bytes a step.
    expect(after!.heapBytes - before!.heapBytes).toBeLessThan(100 * 32);
    trainer.destroy();
    expect(watch.bytes).toBe(base.bytes);
    base.destroy();
    expect(watch.count).toBe(0);
    watch.end();
  });
});
