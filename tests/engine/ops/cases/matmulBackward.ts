import type { WeightDtype } from '../../../../src/engine/ops/weight';
import { dropoutKey, keeps } from '../../../../src/engine/ops/dropoutHash';
import { matmulBackward } from '../../../../src/engine/ops/matmul';
import { matmulNN } from '../../../reference/matmul';
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
  readonly dtype?: WeightDtype;
  readonly accumulate?: boolean;
  readonly scale?: number;
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
  row('scaled, as du is', { rows: 40, outs: 50, cols: 8, scale: 1.5 }),
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
  row('a weight bound in slices, with tail', { rows: 6, outs: 21, cols: 64, rank: 4, maxBinding: 2048 }),
];

function row(name: string, shape: Shape): OpCase {
  return {
    name,
    // As matmul.ts: rounding of f32 sums of up to ~70 terms, some 1e-6 of the largest result.
    tolerance: { maxRel: 1e-5 },
    reason: 'f32 sums in another order than the reference',
    make: () => {
      const { rows, outs, cols, rank = 0, experts = 1, dropout = 0, dtype = 'F32', scale = 1 } = shape;
      const dy = Float32Array.from(randomValues(rows * outs, 1));
      const weight = randomWeight(outs * cols, dtype, 2);
      const duStride = rank + 2;
      const du = Float32Array.from(randomValues(rows * duStride, 3));
      const a = Float32Array.from(randomValues(experts * rank * cols + 5, 4));
      const before = Float32Array.from(randomValues(rows * cols, 5));
      const expected = matmulNN(Float64Array.from(dy), weight.values, rows, outs, cols);
      for (let at = 0; at < rows * cols; at++) {
        const [n, c] = [Math.floor(at / cols), at % cols];
        let sum = scale * expected[at]! + (shape.accumulate ? before[at]! : 0);
        for (let i = 0; i < experts; i++) {
          const key = dropoutKey(STEP.seed, STEP.step, STEP.micro, LAYER, MODULE, i);
          const mask = keeps(key, at, dropout) ? 1 / (1 - dropout) : 0;
          for (let r = 0; r < rank; r++) {
            sum += mask * du[n * duStride + 1 + r]! * a[5 + (i * rank + r) * cols + c]!;
          }
        }
        expected[at] = sum;
      }
      return {
        buffers: { dy, w: weight.bytes, du, a, dx: before, unused: unset(1) },
        step: STEP,
        dispatches: matmulBackward({
          label: 'matmul backward',
          dy: { buffer: 'dy' },
          weight: { buffer: 'w', dtype, shape: [outs, cols] },
          scale,
          tail:
            rank === 0
              ? undefined
              : {
                  du: { view: { buffer: 'du' }, stride: duStride, offset: 1 },
                  a: { buffer: 'a' },
                  aOffset: 5,
                  rank,
                  experts,
                  dropout: dropout === 0 ? undefined : { p: dropout, layer: LAYER, module: 'k_proj' },
                },
          dx: { view: { buffer: 'dx' }, stride: cols, offset: 0 },
          accumulate: shape.accumulate ?? false,
          rows,
          maxBinding: shape.maxBinding ?? UNSLICED,
        }),
        expected: { dx: expected },
      };
    },
  };
}
