import { rmsNorm, rmsNormBackward } from '../../../../src/engine/ops/rmsNorm';
import type { WeightDtype } from '../../../../src/engine/ops/weight';
import { addInto } from '../../../reference/matmul';
import { rmsNormBackward as backwardReference, rmsNormForward } from '../../../reference/rmsNorm';
import { randomValues } from '../../../support/random';
import { unset, views, type OpCase } from '../../../support/runOps';
import { randomWeight } from '../../../support/weights';

type Row = readonly [name: string, rows: number, width: number, dtype: WeightDtype, scale?: number];

const rows: readonly Row[] = [
  ['one row, one column', 1, 1, 'F32'],
  ['narrower than a workgroup, odd', 7, 13, 'F32'],
  ['f16 weight, odd', 5, 67, 'F16'],
  ['bf16 weight, odd', 3, 333, 'BF16'],
  ['bf16 weight, wide', 2, 4096, 'BF16'],
  ['f16 weight, whole quads', 5, 68, 'F16'],
  ['so small that eps decides', 4, 64, 'F32', 1e-4],
  ['large activations', 4, 100, 'F32', 1e4],
];

const bounds = {
  tolerance: { maxRel: 2e-6 },
  reason: 'sums of at most 64 terms a thread, then 6 levels of a tree, and a square root: under 16 · 2^-24',
} as const;

export const cases: OpCase[] = [false, true].flatMap((bySubgroup) => [
  ...rows.map((row) => forward(row, bySubgroup)),
  ...rows.map((row) => backward(row, bySubgroup)),
]);

const EPS = 1e-5;

function forward(row: Row, bySubgroup: boolean): OpCase {
  const [name, N, C, dtype] = row;
  return {
    name: `forward: ${name}${bySubgroup ? ', by subgroup' : ''}`,
    ...bounds,
    runsOn: ({ subgroupSize }) => !bySubgroup || subgroupSize !== undefined,
    make: ({ subgroupSize }) => {
      const { x, weight } = inputs(row);
      const x64 = Float64Array.from(x);
      return {
        buffers: { x, weight: weight.bytes, y: unset(N * C), rstd: unset(N) },
        dispatches: [
          rmsNorm({
            label: 'norm',
            ...views('x', 'y', 'rstd'),
            weight: { buffer: 'weight', dtype, shape: [C] },
            rows: N,
            width: C,
            eps: EPS,
            subgroupSize: bySubgroup ? subgroupSize : undefined,
          }),
        ],
        expected: { y: rmsNormForward(x64, weight.values, EPS), rstd: inverseRms(x64, C) },
      };
    },
  };
}

function backward(row: Row, bySubgroup: boolean): OpCase {
  const [name, N, C, dtype, scale = 1] = row;
  return {
    name: `backward onto a residual's gradient: ${name}${bySubgroup ? ', by subgroup' : ''}`,
    ...bounds,
    runsOn: ({ subgroupSize }) => !bySubgroup || subgroupSize !== undefined,
    make: ({ subgroupSize }) => {
      const { x, weight } = inputs(row);
      const x64 = Float64Array.from(x);
      const dy = Float32Array.from(randomValues(N * C, 2));
      // As large as what is added to it, so that neither hides the other.
      const dx = Float32Array.from(randomValues(N * C, 3, 1 / Math.max(scale, Math.sqrt(EPS))));
      const expected = Float64Array.from(dx);
      addInto(expected, backwardReference(x64, weight.values, EPS, Float64Array.from(dy)));
      return {
        buffers: { dy, x, weight: weight.bytes, rstd: Float32Array.from(inverseRms(x64, C)), dx },
        dispatches: [
          rmsNormBackward({
            label: 'norm backward',
            ...views('dy', 'x', 'rstd', 'dx'),
            weight: { buffer: 'weight', dtype, shape: [C] },
            rows: N,
            width: C,
            subgroupSize: bySubgroup ? subgroupSize : undefined,
          }),
        ],
        expected: { dx: expected },
      };
    },
  };
}

function inputs([, N, C, dtype, scale = 1]: Row) {
  return { x: Float32Array.from(randomValues(N * C, 1, scale)), weight: randomWeight(C, dtype, 4) };
}

/** What the norm of a row of weights 1 multiplies by: the reference's y / x for a unit weight. */
function inverseRms(x: Float64Array, C: number): Float64Array {
  const y = rmsNormForward(x, new Float64Array(C).fill(1), EPS);
  return Float64Array.from({ length: x.length / C }, (_, n) => y[n * C]! / x[n * C]!);
}
