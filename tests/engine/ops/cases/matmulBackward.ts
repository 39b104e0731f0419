import type { WeightDtype } from '../../../../src/engine/ops/weight';
import { dropoutKey, keeps } from '../../../../src/engine/ops/dropoutHash';
import { GEMM_VARIANTS, type GemmVariant } from '../../../../src/engine/ops/gemm/choice';
import type { BackwardTail } from '../../../../src/engine/ops/operands';
import { matmulBackward } from '../../../../src/engine/ops/matmul';
import { matmulNN } from '../../../reference/matmul';
import { pinned, runsPinned } from '../../../support/gemm';
import { randomValues } from '../../../support/random';
import { unset, type OpCase } from '../../../support/runOps';
import { randomWeight } from '../../../support/weights';

const UNSLICED = 2 ** 27;
const STEP = { seed: 11, step: 3, micro: 1 };
const LAYER = 2;
/** Index of k_proj among the modules. */
const MODULE = 1;

interface Shape {
  readonly rows: number; // N
  readonly outs: number;
  readonly cols: number;
  readonly rank?: number;
  readonly experts?: number;
  readonly dropout?: number;
  /** Each expert has a du of its own. */
  readonly heads?: boolean;
  /** All experts have one a. */
  readonly oneA?: boolean;
  /** A second tail, without a mask: that of the first again. */
  readonly again?: boolean;
  readonly dtype?: WeightDtype;
  readonly accumulate?: boolean;
  readonly maxBinding?: number;
}

export const cases: OpCase[] = [
  row('one of everything', { rows: 1, outs: 1, cols: 1 }),
  row('exactly one tile', { rows: 32, outs: 16, cols: 32 }),
  row('one more than a tile each way, with tail', { rows: 33, outs: 17, cols: 33, rank: 17 }),
  row('f16 with odd widths, added to what is there', {
    rows: 37,
    outs: 21,
    cols: 43,
    dtype: 'F16',
    accumulate: true,
  }),
  row('bf16 with odd widths and tail', { rows: 9, outs: 35, cols: 13, rank: 6, dtype: 'BF16' }),
  row('one mask for all experts', { rows: 34, outs: 12, cols: 39, rank: 5, dropout: 0.3 }),
  row('a mask for each of three experts', {
    rows: 34,
    outs: 12,
    cols: 39,
    rank: 18,
    experts: 3,
    dropout: 0.5,
    accumulate: true,
  }),
  row('two tails without a mask', { rows: 34, outs: 12, cols: 39, rank: 5, again: true, accumulate: true }),
  row('a masked tail and another', { rows: 34, outs: 12, cols: 39, rank: 5, dropout: 0.3, again: true }),
  row('pairs', { rows: 34, outs: 12, cols: 39, rank: 5, experts: 3, dropout: 0.5, heads: true, again: true }),
  row('heads', { rows: 9, outs: 12, cols: 40, rank: 18, experts: 3, dropout: 0.5, heads: true, oneA: true }),
  row('a weight bound in slices, with tail', { rows: 6, outs: 21, cols: 64, rank: 4, maxBinding: 2048 }),
  ...GEMM_VARIANTS.flatMap((variant) => [
    row(`${variant}: less than a tile`, { rows: 3, outs: 4, cols: 4, rank: 3 }, variant),
    row(
      `${variant}: one more than some tiles each way, with tail`,
      { rows: 33, outs: 36, cols: 260, rank: 17 },
      variant,
    ),
    row(
      `${variant}: f16, a mask for each of three experts, added to what is there`,
      { rows: 34, outs: 12, cols: 40, rank: 18, experts: 3, dropout: 0.5, accumulate: true, dtype: 'F16' },
      variant,
    ),
    row(
      `${variant}: bf16 in slices, with tail`,
      { rows: 34, outs: 52, cols: 136, rank: 5, dtype: 'BF16', maxBinding: 4352 },
      variant,
    ),
  ]),
  row('direct, native f16', { rows: 34, outs: 12, cols: 40, dtype: 'F16' }, 'direct 16x8', true),
  row('subgroup, native f16', { rows: 34, outs: 12, cols: 40, dtype: 'F16' }, 'subgroup 16x8', true),
];

function row(name: string, shape: Shape, variant: GemmVariant = 'tile 32x32', nativeF16 = false): OpCase {
  return {
    name,
    runsOn: (gpu) => runsPinned(gpu, variant, nativeF16),
    // As matmul.ts: rounding of f32 sums of up to ~70 terms, some 1e-6 of the largest result.
    tolerance: { maxRel: 1e-5 },
    reason: 'f32 sums in another order than the reference',
    make: (gpu) => {
      const { rows, outs, cols, rank = 0, experts = 1, dropout = 0, dtype = 'F32' } = shape;
      const dy = Float32Array.from(randomValues(rows * outs, 1));
      const weight = randomWeight(outs * cols, dtype, 2);
      const { heads = false, oneA = false, again = false } = shape;
      const duStride = rank * (heads ? experts : 1) + 2;
      const du = Float32Array.from(randomValues(rows * duStride, 3));
      const a = Float32Array.from(randomValues(experts * rank * cols + 5, 4));
      const before = Float32Array.from(randomValues(rows * cols, 5));
      const expected = matmulNN(Float64Array.from(dy), weight.values, rows, outs, cols);
      for (let at = 0; at < rows * cols; at++) {
        const [n, c] = [Math.floor(at / cols), at % cols];
        let sum = expected[at]! + (shape.accumulate ? before[at]! : 0);
        for (let i = 0; i < experts; i++) {
          const key = dropoutKey(STEP.seed, STEP.step, STEP.micro, LAYER, MODULE, i);
          const mask = keeps(key, at, dropout) ? 1 / (1 - dropout) : 0;
          for (let r = 0; r < rank; r++) {
            const left = du[n * duStride + 1 + (heads ? i * rank : 0) + r]!;
            sum +=
              (mask + (again && i === 0 ? 1 : 0)) * left * a[5 + ((oneA ? 0 : i) * rank + r) * cols + c]!;
          }
        }
        expected[at] = sum;
      }
      const tail: BackwardTail = {
        du: { view: { buffer: 'du' }, stride: duStride, offset: 1 },
        a: { buffer: 'a' },
        aOffset: 5,
        rank,
        experts,
        heads,
        oneA,
        dropout: dropout === 0 ? undefined : { p: dropout, layer: LAYER, module: 'k_proj' },
      };
      return {
        buffers: { dy, w: weight.bytes, du, a, dx: before, unused: unset(1) },
        step: STEP,
        dispatches: matmulBackward({
          label: 'matmul backward',
          dy: { buffer: 'dy' },
          weight: { buffer: 'w', dtype, shape: [outs, cols] },
          tails: rank === 0 ? [] : [tail, ...(again ? [{ ...tail, experts: 1, dropout: undefined }] : [])],
          dx: { view: { buffer: 'dx' }, stride: cols, offset: 0 },
          accumulate: shape.accumulate ?? false,
          rows,
          kernels: pinned(gpu, variant, nativeF16),
          maxBinding: shape.maxBinding ?? UNSLICED,
        }),
        expected: { dx: expected },
      };
    },
  };
}
