import { beforeAll, expect, it } from 'vitest';
import { openBed } from '../../src/bench/bed';
import { openFrozenPass } from '../../src/bench/frozenPass';
import { COMPARED_NAMES, measureMethods } from '../../src/bench/methods';
import { randomBatch, randomCheckpoint, TINY_MODEL } from '../../src/bench/model';
import { naiveForward } from '../../src/bench/naive';
import { timesOf, timeTogether } from '../../src/bench/timing';
import { evaluate, loadBaseModel, openDevice, type GpuDevice } from '../../src/engine';
import { masaJson } from '../support/cli';
import { describeGpu, testGpu } from '../support/dawn';

describeGpu('the benchmark', () => {
  let gpu: GpuDevice;
  beforeAll(async () => {
    gpu = await openDevice((await testGpu())!);
  });

  it('times what ran, and refuses to time what did not', async () => {
    const bed = await openBed(gpu, { x: Float32Array.of(2), w: Float32Array.of(3), y: Float32Array.of(0) });
    const product = naiveForward({ buffer: 'x' }, { buffer: 'w' }, { buffer: 'y' }, ONE);
    const subject = await bed.subject('product', [product]);
    expect(await bed.result(subject, 'y')).toEqual(Float32Array.of(6));
    const timings = await timeTogether(gpu.device, [subject], { rounds: 3 });
    const times = timesOf(timings, 'product');
    expect(times).toHaveLength(3);
    expect(Math.min(...times)).toBeGreaterThan(0);
    bed.destroy();
    // Its buffers are gone, so every submit is refused.
    await expect(timeTogether(gpu.device, [subject], { rounds: 1 })).rejects.toThrow('the GPU refused');
    expect(gpu.firstError()).toBeUndefined();
  });

  it('has a frozen pass with the base model’s own loss', async () => {
    const base = await loadBaseModel(gpu, randomCheckpoint(TINY_MODEL, 'BF16'));
    const batch = randomBatch(TINY_MODEL, 1);
    const frozen = await openFrozenPass(base, batch, base.kernels);
    const { loss } = await evaluate(base, [batch]);
    expect(await frozen.loss()).toBe(loss);
    await frozen.run(2);
    frozen.destroy();
    base.destroy();
  });

  it('compares the steps of all methods at about the same number of trainable weights', async () => {
    const preparations: string[] = [];
    const model = { ...TINY_MODEL, layers: 4 };
    const costs = await measureMethods(gpu, model, { rounds: 2 }, (what) => preparations.push(what));
    expect(Object.keys(costs)).toEqual(['lora', 'masa', 'masa_router', 'hydralora', 'lora_moe']);
    for (const name of COMPARED_NAMES) {
      const { r, weights, weightsRatio, step } = costs[name];
      expect(preparations).toContain(`the step of ${name}`);
      expect(Number.isInteger(r)).toBe(true);
      expect(weightsRatio).toBe(weights / costs.lora.weights);
      // A whole r comes within half a rank of the target: of LoRA-MoE's 4 here, an eighth.
      expect(Math.abs(weightsRatio - 1)).toBeLessThan(1 / 8);
      for (const which of ['best', 'median'] as const) {
        expect(Number.isFinite(step[which])).toBe(true);
        expect(step[which]).toBeGreaterThan(0);
      }
    }
    expect(costs.lora).toMatchObject({ r: 16, weightsRatio: 1, step: { best: 1, median: 1 } });
    expect(new Set(COMPARED_NAMES.map((name) => costs[name].r)).size).toBeGreaterThan(2);
  });

  it('reports every figure of the kernels', async () => {
    const document = await masaJson(['bench', '--suite', 'kernels', '--rounds', '1']);
    expect(document['adapter']).toBe(gpu.info.name);
    for (const figures of [document, document['median']]) {
      const rates = ['nt', 'nn'].flatMap((direction) =>
        ['naive', 'f32', 'bf16'].map((precision) => `gemm.${direction}.${precision}`),
      );
      const overheads = [1, 4, 8, 16].map((experts) => `masa.forward_overhead.${experts}`);
      for (const key of [...rates, ...overheads, 'masa.fused_speedup.4', 'masa.fused_speedup.8']) {
        expect(at(figures, key), key).toBeGreaterThan(0);
      }
    }
  });
});

const ONE = { rows: 1, outs: 1, inner: 1 };

/** What lies under a path of keys. */
function at(document: unknown, path: string): unknown {
  return path.split('.').reduce((part, key) => (part as Record<string, unknown>)[key], document);
}
