import { beforeAll, expect, it } from 'vitest';
import { openDevice } from '../../../src/engine/gpu/device';
import { compile } from '../../../src/engine/gpu/program';
import { kernelVariants } from '../../../src/engine/ops/index';
import { describeGpu, testGpu } from '../../support/dawn';

describeGpu('shaders in Tint', () => {
  let device: GPUDevice;
  beforeAll(async () => {
    ({ device } = await openDevice((await testGpu())!));
  });

  it('have names of their own', () => {
    const ids = kernelVariants().map((kernel) => kernel.id);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it.each(kernelVariants().map((kernel) => [kernel.id, kernel] as const))(
    '%s compiles',
    async (_, kernel) => {
      await expect(compile(device, kernel)).resolves.toBeDefined();
    },
  );
});
