import { downProjection } from '../../../../src/engine/ops/lowRank';
import { unfusedForward } from '../../../../src/engine/ops/unfused';
import { lowRankForward } from '../../../reference/lowRank';
import { matmulNT } from '../../../reference/matmul';
import { randomValues } from '../../../support/random';
import { unset, type OpCase, views } from '../../../support/runOps';

export const cases: OpCase[] = [
  row('one expert, odd sizes', { rows: 5, inner: 7, outs: 9, rank: 3, experts: 1 }),
  row('three experts, odd sizes', { rows: 33, inner: 37, outs: 35, rank: 5, experts: 3 }),
  row('four experts of whole quads', { rows: 40, inner: 64, outs: 48, rank: 8, experts: 4 }),
];

function row(
  name: string,
  shape: {
    readonly rows: number;
    readonly inner: number;
    readonly outs: number;
    readonly rank: number;
    readonly experts: number;
  },
): OpCase {
  return {
    name: `y = W x + s·B Σ A_i x: ${name}`,
    tolerance: { maxRel: 1e-5 },
    reason: 'f32 sums in another order than the reference',
    make: () => {
      const { rows, inner, outs, rank, experts } = shape;
      const [scale, offset] = [1.5, 8];
      const x = Float32Array.from(randomValues(rows * inner, 1));
      const w = Float32Array.from(randomValues(outs * inner, 2));
      const a = Float32Array.from(randomValues(offset + experts * rank * inner, 3));
      const b = Float32Array.from(randomValues(offset + outs * rank, 4));
      const downs = Array.from({ length: experts }, (_, i) =>
        Float64Array.from(a.subarray(offset + i * rank * inner, offset + (i + 1) * rank * inner)),
      );
      const up = Float64Array.from(b.subarray(offset));
      const path = { downs, up, inWidth: inner, outWidth: outs, rank, scale };
      const added = lowRankForward(path, Float64Array.from(x)).y;
      const frozen = matmulNT(Float64Array.from(x), Float64Array.from(w), rows, inner, outs);
      const { x: input, w: weight, y, ...others } = views('x', 'w', 'y', 'a', 'b', 'u', 'share', 'increment');
      const base = downProjection({
        label: 'frozen product',
        x: input,
        a: weight,
        aOffset: 0,
        u: y,
        rows,
        inner,
        rank: outs,
        modules: ['q_proj'],
      });
      return {
        buffers: {
          x,
          w,
          a,
          b,
          y: unset(rows * outs),
          u: unset(rows * rank),
          share: unset(rows * rank),
          increment: unset(rows * outs),
        },
        dispatches: unfusedForward({
          label: 'unfused',
          base: [base],
          x: input,
          y,
          aOffset: offset,
          bOffset: offset,
          scale,
          ...others,
          ...shape,
        }),
        expected: { y: frozen.map((value, i) => value + added[i]!) },
        scratch: ['u', 'share', 'increment'],
      };
    },
  };
}
