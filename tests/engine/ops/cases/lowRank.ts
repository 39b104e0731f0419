import { MODULES, type ModuleName } from '../../../../src/config/modules';
import { dropoutKey, keeps } from '../../../../src/engine/ops/dropoutHash';
import {
  lowRankGradient,
  maskedDownProjection,
  presum,
  stackTable,
  type Stack,
} from '../../../../src/engine/ops/lowRank';
import { randomValues } from '../../../support/random';
import { unset, type OpCase } from '../../../support/runOps';

const STEP = { seed: 5, step: 9, micro: 2 };
const LAYER = 1;
// Rounding of f32 sums of up to ~200 products, some 1e-6 of the largest result.
const SUMS = { tolerance: { maxRel: 1e-5 }, reason: 'f32 sums in another order than the reference' };

export const cases: OpCase[] = [
  project('one module, one expert', { rows: 1, inner: 1, rank: 1, experts: 1, modules: ['o_proj'] }),
  project('three modules, two experts, odd sizes', {
    rows: 35,
    inner: 37,
    rank: 5,
    experts: 2,
    modules: ['q_proj', 'k_proj', 'v_proj'],
  }),
  project('two modules, three experts, more ranks than a tile', {
    rows: 33,
    inner: 20,
    rank: 34,
    experts: 3,
    modules: ['gate_proj', 'up_proj'],
  }),
  gradient('one of everything', { rows: 1, narrow: 1, wide: 1 }),
  gradient('one more than a tile each way', { rows: 17, narrow: 9, wide: 65 }),
  gradient('three modules of rank 8 at once', { rows: 50, narrow: 24, wide: 30 }),
  gradient('a masked wide side', { rows: 40, narrow: 6, wide: 70, dropout: 0.4 }),
  gradient('written transposed, as dB is', { rows: 40, narrow: 6, wide: 70, transposed: true }),
  sum('a single stack of one', [[1, 3]]),
  sum('stacks of different sizes, more than a workgroup each', [
    [3, 700],
    [3, 256],
    [3, 5],
  ]),
];

function project(
  name: string,
  shape: {
    readonly rows: number;
    readonly inner: number;
    readonly rank: number;
    readonly experts: number;
    readonly modules: readonly ModuleName[];
  },
): OpCase {
  return {
    name: `down-projection: ${name}`,
    ...SUMS,
    make: () => {
      const { rows, inner, rank, experts, modules } = shape;
      const p = 0.25;
      const x = Float32Array.from(randomValues(rows * inner, 1));
      const a = Float32Array.from(randomValues(7 + modules.length * experts * rank * inner, 2));
      const width = modules.length * rank;
      const expected = new Float64Array(rows * width);
      modules.forEach((module, slot) => {
        for (let i = 0; i < experts; i++) {
          const key = dropoutKey(STEP.seed, STEP.step, STEP.micro, LAYER, MODULES.indexOf(module), i);
          for (let at = 0; at < rows * inner; at++) {
            if (!keeps(key, at, p)) continue;
            const [n, c] = [Math.floor(at / inner), at % inner];
            for (let r = 0; r < rank; r++) {
              const weight = a[7 + ((slot * experts + i) * rank + r) * inner + c]!;
              expected[n * width + slot * rank + r]! += (weight * x[at]!) / (1 - p);
            }
          }
        }
      });
      return {
        buffers: { x, a, u: unset(rows * width) },
        step: STEP,
        dispatches: [
          maskedDownProjection({
            label: 'u',
            x: { buffer: 'x' },
            a: { buffer: 'a' },
            aOffset: 7,
            u: { buffer: 'u' },
            layer: LAYER,
            p,
            ...shape,
          }),
        ],
        expected: { u: expected },
      };
    },
  };
}

function gradient(
  name: string,
  shape: {
    readonly rows: number;
    readonly narrow: number;
    readonly wide: number;
    readonly dropout?: number;
    readonly transposed?: boolean;
  },
): OpCase {
  return {
    name: `gradient: ${name}`,
    ...SUMS,
    make: () => {
      const { rows, narrow, wide, dropout = 0, transposed = false } = shape;
      const [narrowStride, wideStride] = transposed ? [1, narrow] : [wide, 1];
      const [expert, scale, offset] = [2, 1.25, 3];
      const stride = narrow + 2;
      const p = Float32Array.from(randomValues(rows * stride, 1));
      const q = Float32Array.from(randomValues(rows * wide, 2));
      const before = Float32Array.from(randomValues(offset + narrow * wide, 3));
      const expected = Float64Array.from(before);
      const key = dropoutKey(STEP.seed, STEP.step, STEP.micro, LAYER, MODULES.indexOf('up_proj'), expert);
      for (let at = 0; at < rows * wide; at++) {
        if (!keeps(key, at, dropout)) continue;
        const [n, k] = [Math.floor(at / wide), at % wide];
        for (let j = 0; j < narrow; j++) {
          const term = (scale * p[n * stride + 1 + j]! * q[at]!) / (1 - dropout);
          expected[offset + j * narrowStride + k * wideStride]! += term;
        }
      }
      return {
        buffers: { p, q, dm: before },
        step: STEP,
        dispatches: [
          lowRankGradient({
            label: 'gradient',
            p: { view: { buffer: 'p' }, stride, offset: 1 },
            narrow,
            q: { buffer: 'q' },
            wide,
            dm: { buffer: 'dm' },
            offset,
            narrowStride,
            wideStride,
            scale,
            rows,
            dropout: dropout === 0 ? undefined : { p: dropout, layer: LAYER, module: 'up_proj' },
            expert,
          }),
        ],
        expected: { dm: expected },
      };
    },
  };
}

function sum(name: string, sizes: readonly (readonly [experts: number, elements: number])[]): OpCase {
  return {
    name: `presum: ${name}`,
    tolerance: { maxRel: 1e-6 },
    reason: 'sums of at most three f32 values',
    make: () => {
      const stacks: Stack[] = [];
      let [aOffset, sumOffset] = [0, 0];
      for (const [experts, elements] of sizes) {
        stacks.push({ aOffset, experts, elements, sumOffset });
        aOffset += experts * elements;
        sumOffset += elements;
      }
      const a = Float32Array.from(randomValues(aOffset, 1));
      const expected = stacks.flatMap(({ aOffset: at, experts, elements }) =>
        Array.from({ length: elements }, (_, e) => {
          let total = 0;
          for (let i = 0; i < experts; i++) total += a[at + i * elements + e]!;
          return total;
        }),
      );
      return {
        buffers: { a, stacks: stackTable(stacks), sums: unset(sumOffset) },
        dispatches: [
          presum({
            label: 'presum',
            a: { buffer: 'a' },
            table: { buffer: 'stacks' },
            sums: { buffer: 'sums' },
            stacks,
          }),
        ],
        expected: { sums: expected },
      };
    },
  };
}
