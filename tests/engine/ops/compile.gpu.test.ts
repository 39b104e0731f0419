import { beforeAll, expect, it } from 'vitest';
import { NAIVE_KERNELS } from '../../../src/bench/naive';
import { openDevice, type GpuDevice } from '../../../src/engine/gpu/device';
import { compile } from '../../../src/engine/gpu/program';
import type { Kernel } from '../../../src/engine/gpu/shader';
import { kernelVariants } from '../../../src/engine/ops/index';
import { describeGpu, testGpu } from '../../support/dawn';

const ANY = { subgroupSize: undefined, nativeF16: false };
const PORTABLE = [...kernelVariants(ANY), ...NAIVE_KERNELS];
/** Those that need a feature, for every width of subgroups that is used. */
const FAST = [
  ...kernelVariants({ subgroupSize: 8, nativeF16: true }),
  ...kernelVariants({ subgroupSize: 4, nativeF16: false }),
  ...kernelVariants({ subgroupSize: 16, nativeF16: false }),
].filter(({ code }) => code.startsWith('enable'));

describeGpu('shaders in Tint', () => {
  let gpu: GpuDevice;
  beforeAll(async () => {
    gpu = await openDevice((await testGpu())!);
  });

  it('have names of their own', () => {
    const kernels = kernelVariants({ subgroupSize: 8, nativeF16: true });
    expect(new Set(kernels.map(({ id }) => id)).size).toBe(kernels.length);
  });

  it.for(named([...PORTABLE, ...FAST]))('%s compiles', async ([, kernel], { skip }) => {
    if (kernel.code.includes('enable subgroups;') && gpu.subgroupSize === undefined) skip('no subgroups');
    if (kernel.code.includes('enable f16;') && !gpu.shaderF16) skip('no shader-f16');
    await expect(compile(gpu.device, kernel)).resolves.toBeDefined();
  });
});

function named(kernels: readonly Kernel[]): [string, Kernel][] {
  return kernels.map((kernel) => [kernel.id, kernel]);
}
