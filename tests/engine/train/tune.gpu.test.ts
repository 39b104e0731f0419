import { beforeAll, expect, test } from 'vitest';
import { openDevice, type GpuDevice } from '../../../src/engine/gpu/device';
import { fits, GEMM_VARIANTS, gemmClass, usualKernels } from '../../../src/engine/ops/gemm/choice';
import { measureGemms, unmeasured, type GemmShape } from '../../../src/engine/ops/gemm/tune';
import { describeGpu, testGpu } from '../../support/dawn';

const SQUARE = { dtype: 'F32', shape: [64, 64] } as const;
const ODD = { dtype: 'BF16', shape: [30, 31] } as const;
const SHAPES: GemmShape[] = [
  { direction: 'nt', weight: SQUARE, rows: 60 },
  { direction: 'nt', weight: SQUARE, rows: 64 },
  { direction: 'nn', weight: SQUARE, rows: 64 },
  { direction: 'nn', weight: ODD, rows: 64 },
];
const NT = gemmClass('nt', SQUARE, 64);
const NN = gemmClass('nn', SQUARE, 64);

describeGpu('measuring kernels', () => {
  let gpu: GpuDevice;
  beforeAll(async () => {
    gpu = await openDevice((await testGpu())!);
  });

  test('gives each class one variant that fits, and measures no class twice', async () => {
    const usual = usualKernels(gpu);
    const asked: string[] = [];
    const first = await measureGemms(gpu, SHAPES, usual, {
      onProgress: (_done, _total, name) => asked.push(name),
    });
    expect(asked).toEqual([NT, NN, gemmClass('nn', ODD, 64)]);
    expect(Object.keys(first)).toEqual(asked);
    for (const { direction, weight, rows } of SHAPES) {
      const variant = first[gemmClass(direction, weight, rows)]!;
      expect(GEMM_VARIANTS).toContain(variant);
      expect(fits(variant, direction, weight, usual)).toBe(true);
    }
    expect(unmeasured(SHAPES, first)).toEqual([]);
    const known = Object.fromEntries(Object.entries(first).filter(([name]) => name !== NN));
    asked.length = 0;
    const second = await measureGemms(gpu, SHAPES, usual, {
      known,
      onProgress: (_done, _total, name) => asked.push(name),
    });
    expect(asked).toEqual([NN]);
    expect(second).toMatchObject(known);
    expect(gpu.firstError()).toBeUndefined();
  });

  test('can be stopped', async () => {
    const stop = new AbortController();
    const measured = measureGemms(gpu, SHAPES, usualKernels(gpu), {
      onProgress: (done) => {
        if (done === 1) stop.abort();
      },
      signal: stop.signal,
    });
    await expect(measured).rejects.toThrow(/abort/i);
  });
});
