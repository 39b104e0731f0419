import type { WeightDtype } from '../../../../src/engine/ops/weight';
import { GEMM_VARIANTS, type GemmVariant } from '../../../../src/engine/ops/gemm/choice';
import { matmul } from '../../../../src/engine/ops/matmul';
import { matmulNT } from '../../../reference/matmul';
import { pinned, runsPinned } from '../../../support/gemm';
import { randomValues } from '../../../support/random';
import { unset, type OpCase } from '../../../support/runOps';
import { randomWeight } from '../../../support/weights';

const UNSLICED = 2 ** 27;
/** Distance between the rows of u and y beyond what the launch reads and writes. */
const GAP = 3;
const SCALE = 0.75;

interface Shape {
  readonly rows: number; // N
  readonly inner: number;
  readonly cols: number;
  /** Width of the low-rank tail, 0 for none. */
  readonly rank?: number;
  readonly dtype?: WeightDtype;
  readonly bias?: boolean;
  /** Of the bias, where it differs from the weight's. */
  readonly biasDtype?: WeightDtype;
  readonly residual?: boolean;
  readonly maxBinding?: number;
}

export const cases: OpCase[] = [
  row('one of everything', { rows: 1, inner: 1, cols: 1 }),
  row('exactly one tile', { rows: 32, inner: 16, cols: 32 }),
  row('one more than a tile each way', { rows: 33, inner: 17, cols: 33, rank: 17 }),
  row('less than a tile, with tail', { rows: 5, inner: 7, cols: 9, rank: 3 }),
  row('f16 with odd widths, tail and residual', {
    rows: 40,
    inner: 31,
    cols: 45,
    rank: 8,
    dtype: 'F16',
    residual: true,
  }),
  row('bf16 with odd widths, bias and tail', {
    rows: 35,
    inner: 29,
    cols: 37,
    rank: 5,
    dtype: 'BF16',
    bias: true,
  }),
  row('bias, residual and tail at once', {
    rows: 20,
    inner: 48,
    cols: 40,
    rank: 16,
    bias: true,
    residual: true,
  }),
  row('a weight bound in slices, with tail', { rows: 7, inner: 64, cols: 21, rank: 4, maxBinding: 2048 }),
  row('a bf16 weight bound in slices', { rows: 34, inner: 24, cols: 130, dtype: 'BF16', maxBinding: 3072 }),
  row('a bf16 weight bound in slices, with an f32 bias', {
    rows: 34,
    inner: 24,
    cols: 130,
    dtype: 'BF16',
    bias: true,
    biasDtype: 'F32',
    maxBinding: 3072,
  }),
  row('an f32 weight bound in slices, with an f16 bias', {
    rows: 3,
    inner: 64,
    cols: 21,
    bias: true,
    biasDtype: 'F16',
    maxBinding: 2048,
  }),
  row('a long sum', { rows: 3, inner: 1000, cols: 4 }),
  ...GEMM_VARIANTS.flatMap((variant) => [
    row(`${variant}: less than a tile`, { rows: 3, inner: 4, cols: 4, rank: 3 }, variant),
    row(
      `${variant}: one more than some tiles each way, residual and tail`,
      { rows: 65, inner: 36, cols: 257, rank: 17, residual: true },
      variant,
    ),
    row(
      `${variant}: f16 with bias and tail`,
      { rows: 33, inner: 60, cols: 71, rank: 8, bias: true, dtype: 'F16' },
      variant,
    ),
    row(
      `${variant}: bf16 in slices, with tail`,
      { rows: 50, inner: 52, cols: 130, rank: 9, dtype: 'BF16', maxBinding: 13312 },
      variant,
    ),
  ]),
  row('direct, native f16', { rows: 33, inner: 60, cols: 71, rank: 8, dtype: 'F16' }, 'direct 16x8', true),
  row(
    'subgroup, native f16',
    { rows: 33, inner: 60, cols: 71, rank: 8, dtype: 'F16' },
    'subgroup 16x8',
    true,
  ),
];

function row(name: string, shape: Shape, variant: GemmVariant = 'tile 32x32', nativeF16 = false): OpCase {
  return {
    name,
    runsOn: (gpu) => runsPinned(gpu, variant, nativeF16),
    // f32 sums of up to ~1000 products near 1/3 in size: rounding grows as sqrt(terms)·2^-24, some 2e-6 of the
    // largest result.
    tolerance: { maxRel: 1e-5 },
    reason: 'f32 sums in another order than the reference',
    make: (gpu) => {
      const { rows, inner, cols, rank = 0, dtype = 'F32' } = shape;
      const biasDtype = shape.biasDtype ?? dtype;
      const x = Float32Array.from(randomValues(rows * inner, 1));
      const weight = randomWeight(cols * inner, dtype, 2);
      const bias = randomWeight(cols, biasDtype, 3);
      const stride = cols + GAP;
      const residual = Float32Array.from(randomValues(rows * stride, 4));
      const uStride = rank + GAP;
      const u = Float32Array.from(randomValues(rows * uStride, 5));
      const b = Float32Array.from(randomValues(cols * rank + 1, 6));
      const before = Float32Array.from(randomValues(rows * stride, 7));
      const expected = Float64Array.from(before);
      const frozen = matmulNT(Float64Array.from(x), weight.values, rows, inner, cols);
      for (let n = 0; n < rows; n++) {
        for (let o = 0; o < cols; o++) {
          let sum = frozen[n * cols + o]!;
          if (shape.bias) sum += bias.values[o]!;
          if (shape.residual) sum += residual[n * stride + 1 + o]!;
          for (let p = 0; p < rank; p++) sum += SCALE * u[n * uStride + 2 + p]! * b[1 + o * rank + p]!;
          expected[n * stride + 1 + o] = sum;
        }
      }
      return {
        buffers: { x, w: weight.bytes, bias: bias.bytes, residual, u, b, y: before, unused: unset(1) },
        dispatches: matmul({
          label: 'matmul',
          x: { buffer: 'x' },
          weight: { buffer: 'w', dtype, shape: [cols, inner] },
          bias: shape.bias ? { buffer: 'bias', dtype: biasDtype, shape: [cols] } : undefined,
          residual: shape.residual ? { buffer: 'residual' } : undefined,
          tail:
            rank === 0
              ? undefined
              : {
                  u: { view: { buffer: 'u' }, stride: uStride, offset: 2 },
                  b: { buffer: 'b' },
                  bOffset: 1,
                  rank,
                  scale: SCALE,
                },
          y: { view: { buffer: 'y' }, stride, offset: 1 },
          rows,
          kernels: pinned(gpu, variant, nativeF16),
          maxBinding: shape.maxBinding ?? UNSLICED,
        }),
        expected: { y: expected },
      };
    },
  };
}
