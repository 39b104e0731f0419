import { describe, expect, it } from 'vitest';
import { findLavapipe, selectDriver } from '../../src/setup/vulkan.mjs';
import { describeGpu } from '../support/dawn';
import { bundleParity } from './bundle';
import { hasWideVectors, startParity, type ParityProcess } from './processes';
import type { Report } from './suite';
import { CHOSEN, needsSubgroups, PINNED, stepsOnly, WITHOUT, type Variant } from './variants';

/**
 * The parity checks on lavapipe at every subgroup width that it has, with each fast path off, with each family of
 * kernels alone, and in the other WebGPU for Node (wgpu, as in Firefox). A process fixes the width; all its variants
 * run in it. The first run on a machine compiles every kernel for every width and takes minutes.
 */
selectDriver();
const lavapipe = findLavapipe();
const bundle = bundleParity();
/** Bits of a processor's vector, to lanes of 32 bits. */
const WIDTHS = [256, 128, 512].map((bits) => ({ bits, lanes: bits / 32 }));
const MINUTES = 60_000;

describe.each(WIDTHS)('parity with PyTorch on lavapipe with subgroups of $lanes', ({ bits, lanes }) => {
  const reason = lavapipe === undefined ? 'no lavapipe' : bits > 256 && !hasWideVectors() ? 'no AVX-512' : '';
  if (reason !== '') {
    skipAll(reason);
    return;
  }
  // Of the kernels, only those with subgroups depend on the width.
  const variants = lanes === 8 ? [CHOSEN, ...WITHOUT, ...PINNED] : [CHOSEN, ...PINNED.filter(needsSubgroups)];
  const env = { VK_DRIVER_FILES: lavapipe ?? '', LP_NATIVE_VECTOR_WIDTH: `${bits}` };
  testEach(startParity('dawn', bundle, variants, env), ({ without }, { subgroupSize, features }) => {
    expect(subgroupSize).toBe(without.includes('subgroups') ? undefined : lanes);
    expect(features).toEqual(['subgroups', 'shader-f16'].filter((name) => !without.some((n) => n === name)));
  });
});

describeGpu('parity with PyTorch in Deno', () => {
  testEach(startParity('deno', bundle, [CHOSEN, ...PINNED.map(stepsOnly)]));
});

function testEach(parity: ParityProcess, also?: (variant: Variant, report: Report) => void): void {
  it.for(parity.variants.map((variant) => [variant.name, variant] as const))(
    '%s',
    { timeout: 15 * MINUTES },
    async ([, variant], { skip }) => {
      const report = await parity.report(variant);
      // Of lavapipe all is known, so there a variant that cannot run is a failure.
      if (report.skipped !== undefined && also === undefined) skip(report.skipped);
      expect(report.failures).toEqual([]);
      expect(report.checks).toBeGreaterThan(variant.stepsOnly === true ? 130 : 500); // tensors and steps
      also?.(variant, report);
    },
  );
}

function skipAll(reason: string): void {
  if (process.env.CI === 'true' && reason === 'no lavapipe') {
    it('lavapipe is required', () => {
      throw new Error('There is no lavapipe; run `npm test`, which installs it or says how.');
    });
  } else it.skip(`(skipped: ${reason})`, () => undefined);
}
