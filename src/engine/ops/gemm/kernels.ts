import matmulLib from '../../../../shaders/lib/matmul.wgsl?raw';
import matmulBackwardLib from '../../../../shaders/lib/matmulBackward.wgsl?raw';
import quadsBf16 from '../../../../shaders/lib/quadsBf16.wgsl?raw';
import quadsF16 from '../../../../shaders/lib/quadsF16.wgsl?raw';
import quadsF16Native from '../../../../shaders/lib/quadsF16Native.wgsl?raw';
import quadsF32 from '../../../../shaders/lib/quadsF32.wgsl?raw';
import tileLib from '../../../../shaders/lib/tile.wgsl?raw';
import weightLib from '../../../../shaders/lib/weight.wgsl?raw';
import backwardDirect from '../../../../shaders/matmulBackwardDirect.wgsl?raw';
import backwardSubgroup from '../../../../shaders/matmulBackwardSubgroup.wgsl?raw';
import backwardTile from '../../../../shaders/matmulBackwardTile.wgsl?raw';
import forwardDirect from '../../../../shaders/matmulDirect.wgsl?raw';
import forwardSubgroup from '../../../../shaders/matmulSubgroup.wgsl?raw';
import forwardTile from '../../../../shaders/matmulTile.wgsl?raw';
import { makeKernel, type Kernel } from '../../gpu/shader';
import { DTYPE_CODE, type WeightDtype } from '../weight';
import { GEMM_VARIANTS, type GemmVariant, type KernelChoice } from './choice';

/** A kernel and how much of the output one of its workgroups covers. */
export interface GemmKernel {
  readonly kernel: Kernel;
  readonly tileRows: number;
  readonly tileCols: number;
}

type Device = Pick<KernelChoice, 'subgroupSize' | 'nativeF16'>;

/** The kernel of y = x Wᵀ in one variant for weights of one precision. */
export function forwardKernel(variant: GemmVariant, dtype: WeightDtype, device: Device): GemmKernel {
  const [rows, cols] = tileOf(variant);
  const quadLibs = [weightLib, matmulLib, quads(dtype, device)];
  switch (family(variant)) {
    case 'tile': {
      const libs = [weightLib, matmulLib, tileLib];
      const kernel = makeKernel('matmulTile', forwardTile, libs, { DTYPE: DTYPE_CODE[dtype] });
      return { kernel, tileRows: rows, tileCols: cols };
    }
    case 'direct': {
      const constants = { ROWS: rows, COLS: cols };
      const counts = { i: rows, j: cols, n: cols - 1 };
      const name = `matmulDirect ${precision(dtype, device)}`;
      const kernel = makeKernel(name, forwardDirect, quadLibs, constants, counts);
      return { kernel, tileRows: rows * 4, tileCols: cols * 8 };
    }
    case 'subgroup': {
      const width = subgroupWidth(device);
      const constants = { SUBGROUP: width, ROWS: rows, COLS: cols };
      const counts = { i: rows, m: rows - 1, h: rows / width, j: cols, n: cols - 1 };
      const name = `matmulSubgroup ${precision(dtype, device)}`;
      const kernel = makeKernel(name, forwardSubgroup, quadLibs, constants, counts);
      return { kernel, tileRows: rows, tileCols: cols * 32 };
    }
  }
}

/** The kernel of dx = dy W in one variant for weights of one precision. */
export function backwardKernel(variant: GemmVariant, dtype: WeightDtype, device: Device): GemmKernel {
  const [rows, cols] = tileOf(variant);
  const quadLibs = [matmulBackwardLib, quads(dtype, device)];
  switch (family(variant)) {
    case 'tile': {
      const libs = [matmulBackwardLib, weightLib, tileLib];
      const kernel = makeKernel('matmulBackwardTile', backwardTile, libs, { DTYPE: DTYPE_CODE[dtype] });
      return { kernel, tileRows: rows, tileCols: cols };
    }
    case 'direct': {
      const constants = { ROWS: rows, COL_QUADS: cols / 4 };
      const counts = { i: rows, m: rows - 1, j: cols / 4 };
      const name = `matmulBackwardDirect ${precision(dtype, device)}`;
      const kernel = makeKernel(name, backwardDirect, quadLibs, constants, counts);
      return { kernel, tileRows: rows, tileCols: cols * 32 };
    }
    case 'subgroup': {
      const width = subgroupWidth(device);
      const constants = { SUBGROUP: width, ROWS: rows, COL_QUADS: cols / 4 };
      const counts = { i: rows, m: rows - 1, h: rows / width, j: cols / 4 };
      const name = `matmulBackwardSubgroup ${precision(dtype, device)}`;
      const kernel = makeKernel(name, backwardSubgroup, quadLibs, constants, counts);
      return { kernel, tileRows: rows, tileCols: cols * 32 };
    }
  }
}

/** Every kernel of both directions, for the tests that compile them all; without a width no subgroup family. */
export function gemmKernels(device: Device): Kernel[] {
  const dtypes: WeightDtype[] = ['F32', 'F16', 'BF16'];
  return GEMM_VARIANTS.filter(
    (variant) => device.subgroupSize !== undefined || family(variant) !== 'subgroup',
  ).flatMap((variant) =>
    dtypes.flatMap((dtype) => [
      forwardKernel(variant, dtype, device).kernel,
      backwardKernel(variant, dtype, device).kernel,
    ]),
  );
}

function family(variant: GemmVariant): 'tile' | 'direct' | 'subgroup' {
  return variant.slice(0, variant.indexOf(' ')) as 'tile' | 'direct' | 'subgroup';
}

function tileOf(variant: GemmVariant): [number, number] {
  const [rows = 0, cols = 0] = variant
    .slice(variant.indexOf(' ') + 1)
    .split('x')
    .map(Number);
  return [rows, cols];
}

function subgroupWidth({ subgroupSize }: Device): number {
  if (subgroupSize === undefined) throw new Error('the subgroup family needs a width');
  return subgroupSize;
}

function precision(dtype: WeightDtype, { nativeF16 }: Device): string {
  return nativeF16 && dtype === 'F16' ? 'native F16' : dtype;
}

function quads(dtype: WeightDtype, { nativeF16 }: Device): string {
  if (dtype === 'F32') return quadsF32;
  if (dtype === 'BF16') return quadsBf16;
  return nativeF16 ? quadsF16Native : quadsF16;
}
