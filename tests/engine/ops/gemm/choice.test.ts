import { describe, expect, test } from 'vitest';
import {
  ANY_DEVICE,
  canRun,
  describeKernels,
  gemmClass,
  gemmVariant,
  pinnedKernels,
  readKernelChoice,
  usualKernels,
  type KernelChoice,
} from '../../../../src/engine/ops/gemm/choice';
import type { Weight } from '../../../../src/engine/ops/weight';

const weight = (outs: number, inner: number): Weight => ({ buffer: 'w', dtype: 'F32', shape: [outs, inner] });
const device = (fallback: boolean, subgroupSize: number | undefined, shaderF16 = false) => ({
  info: { name: '', vendor: '', architecture: '', fallback, features: [] },
  subgroupSize,
  shaderF16,
});
const SUBGROUPS: KernelChoice = { ...ANY_DEVICE, usual: 'subgroup 16x8', subgroupSize: 8 };

describe('the usual kernels', () => {
  test('use subgroups on software adapters of a tested width from eight on', () => {
    expect(usualKernels(device(true, 8))).toMatchObject({ usual: 'subgroup 16x8', subgroupSize: 8 });
    expect(usualKernels(device(true, 16)).usual).toBe('subgroup 16x8');
    expect(usualKernels(device(true, 4)).usual).toBe('direct 16x8');
    expect(usualKernels(device(true, undefined)).usual).toBe('direct 16x8');
  });

  test('never use a width that no test has seen', () => {
    for (const width of [1, 2, 32, 64]) {
      expect(usualKernels(device(true, width))).toMatchObject({
        usual: 'direct 16x8',
        subgroupSize: undefined,
      });
    }
  });

  test('are tiles on GPUs', () => {
    expect(usualKernels(device(false, 32, true))).toEqual(ANY_DEVICE);
  });
});

describe('the variant of one GEMM', () => {
  test('is what was measured for its class, else the usual one', () => {
    const name = gemmClass('nn', weight(512, 256), 200);
    const choice: KernelChoice = { ...SUBGROUPS, gemm: { [name]: 'direct 8x8' } };
    expect(gemmVariant(choice, 'nn', weight(512, 256), 256)).toBe('direct 8x8');
    expect(gemmVariant(choice, 'nn', weight(512, 256), 257)).toBe('subgroup 16x8');
    expect(gemmVariant(choice, 'nt', weight(512, 256), 256)).toBe('subgroup 16x8');
  });

  test('is the tile that takes everything where rows are not whole quads, or the device has no subgroups', () => {
    expect(gemmVariant(SUBGROUPS, 'nt', weight(512, 254), 64)).toBe('tile 32x32');
    expect(gemmVariant(SUBGROUPS, 'nn', weight(510, 256), 64)).toBe('tile 32x32');
    expect(gemmVariant(SUBGROUPS, 'nt', weight(510, 256), 64)).toBe('subgroup 16x8');
    expect(gemmVariant({ ...SUBGROUPS, subgroupSize: undefined }, 'nt', weight(512, 256), 64)).toBe(
      'tile 32x32',
    );
  });

  test('is narrower where the output is', () => {
    expect(gemmVariant(SUBGROUPS, 'nt', weight(128, 512), 64)).toBe('subgroup 16x4');
    expect(gemmVariant(SUBGROUPS, 'nn', weight(512, 128), 64)).toBe('subgroup 16x4');
    expect(gemmVariant(SUBGROUPS, 'nn', weight(128, 512), 64)).toBe('subgroup 16x8');
  });

  test('is the pinned one, whatever was measured', () => {
    const pinned = pinnedKernels({ ...SUBGROUPS, gemm: { x: 'direct 8x8' } }, 'direct 16x8');
    expect(pinned.gemm).toEqual({});
    expect(gemmVariant(pinned, 'nt', weight(128, 512), 64)).toBe('direct 16x8');
  });
});

describe('a choice in a file', () => {
  const choice: KernelChoice = { ...SUBGROUPS, gemm: { 'nt F32 8x8 rows 8': 'direct 8x8' }, nativeF16: true };

  test('comes back as it was', () => {
    expect(readKernelChoice(JSON.parse(JSON.stringify(choice)))).toEqual(choice);
    expect(readKernelChoice(JSON.parse(JSON.stringify(ANY_DEVICE)))).toEqual(ANY_DEVICE);
  });

  test.each([
    ['nothing', null],
    ['a name', 'tile 32x32'],
    ['an unknown variant', { ...choice, usual: 'tile 7x7' }],
    ['an unknown measured variant', { ...choice, gemm: { x: 'tile 7x7' } }],
    ['no table', { ...choice, gemm: null }],
    ['a width that no test has seen', { ...choice, subgroupSize: 5 }],
    ['no precision', { ...choice, nativeF16: undefined }],
  ])('is none when it is %s', (_, value) => {
    expect(readKernelChoice(value)).toBeUndefined();
  });

  test('runs only where its subgroups and its precision are', () => {
    expect(canRun(ANY_DEVICE, device(false, undefined))).toBe(true);
    expect(canRun(choice, device(true, 8, true))).toBe(true);
    expect(canRun(choice, device(true, 4, true))).toBe(false);
    expect(canRun(choice, device(true, 8, false))).toBe(false);
  });

  test('is described in a line', () => {
    expect(describeKernels(choice)).toBe('subgroup 16x8 and 1 measured otherwise, subgroups of 8');
    expect(describeKernels(ANY_DEVICE)).toBe('tile 32x32');
  });
});
