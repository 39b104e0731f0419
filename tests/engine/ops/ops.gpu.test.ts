import { beforeAll, describe, it } from 'vitest';
import { openDevice, type GpuDevice } from '../../../src/engine/gpu/device';
import { describeGpu, testGpu } from '../../support/dawn';
import { checkOp, type OpCase } from '../../support/runOps';

/** The tables of all ops; see tests/support/runOps.ts for what a row is and how to add some. */
const tables = import.meta.glob<readonly OpCase[]>('./cases/*.ts', { eager: true, import: 'cases' });

describeGpu('kernels against the float64 reference', () => {
  let gpu: GpuDevice;
  beforeAll(async () => {
    gpu = await openDevice((await testGpu())!);
  });

  describe.each(Object.entries(tables))('%s', (_, cases) => {
    it.for(cases.map((row) => [row.name, row] as const))('%s', async ([, row], { skip }) => {
      if (row.runsOn?.(gpu) === false) skip('this device cannot run it');
      await checkOp(gpu, row);
    });
  });
});
