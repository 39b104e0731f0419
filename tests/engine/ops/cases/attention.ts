import { attention, attentionBackward, type AttentionShape } from '../../../../src/engine/ops/attention';
import { attentionBackward as backwardReference, attentionForward } from '../../../reference/attention';
import type { Tolerance } from '../../../reference/compare';
import { packedRows } from '../../../support/packing';
import { randomValues } from '../../../support/random';
import { unset, views, type OpCase } from '../../../support/runOps';

interface Row {
  readonly name: string;
  /** Lengths of the packed examples. */
  readonly lengths: readonly number[];
  readonly heads: number;
  readonly kvHeads: number;
  readonly headDim: number;
  /** Size of the values of q and k; large ones make one key win. */
  readonly scale?: number;
}

const rows: readonly Row[] = [
  { name: 'one row of one head', lengths: [1], heads: 1, kvHeads: 1, headDim: 8 },
  { name: 'two examples, heads 8 wide', lengths: [5, 20], heads: 2, kvHeads: 2, headDim: 8 },
  { name: 'heads 10 wide in groups of 3', lengths: [3, 1, 30, 7], heads: 6, kvHeads: 2, headDim: 10 },
  { name: 'heads 48 wide over several blocks', lengths: [37, 64], heads: 3, kvHeads: 1, headDim: 48 },
  { name: 'heads 64 wide, one long example', lengths: [131], heads: 2, kvHeads: 1, headDim: 64 },
  { name: 'heads 80 wide', lengths: [17, 16], heads: 2, kvHeads: 2, headDim: 80 },
  { name: 'heads 128 wide', lengths: [33], heads: 2, kvHeads: 1, headDim: 128 },
  { name: 'heads 250 wide', lengths: [6, 13], heads: 2, kvHeads: 1, headDim: 250 },
  { name: 'heads 256 wide', lengths: [19], heads: 1, kvHeads: 1, headDim: 256 },
  { name: 'odd head width', lengths: [9, 24], heads: 2, kvHeads: 1, headDim: 7 },
  {
    name: 'many tiny examples',
    lengths: [1, 2, 1, 1, 3, 1, 2, 1, 1, 1, 2, 1, 1, 4, 1, 1, 1, 1, 1, 2, 1, 1],
    heads: 1,
    kvHeads: 1,
    headDim: 16,
  },
  { name: 'scores of several hundred', lengths: [40, 23], heads: 2, kvHeads: 1, headDim: 16, scale: 15 },
];

export const cases: OpCase[] = rows.flatMap((row) => [
  forward(row, 'block'),
  forward(row, 'subgroup'),
  backward(row, 'block'),
  backward(row, 'subgroup'),
]);

function forward(row: Row, by: 'block' | 'subgroup'): OpCase {
  return {
    name: `forward by ${by}: ${row.name}`,
    ...tolerance(row),
    runsOn: ({ subgroupSize }) => by !== 'subgroup' || (subgroupSize !== undefined && row.headDim % 4 === 0),
    make: ({ subgroupSize }) => {
      const { shape, q, k, v, first } = inputs(row);
      const { out, lse } = attentionForward(float64(q), float64(k), float64(v), first, shape);
      const launch = attention({
        label: 'attention',
        ...views('q', 'k', 'v', 'first', 'o', 'lse'),
        ...shape,
        subgroupSize: by === 'subgroup' ? subgroupSize : undefined,
      });
      return {
        buffers: { q, k, v, first, o: unset(out.length), lse: unset(lse.length) },
        dispatches: [launch],
        expected: { o: out, lse },
      };
    },
  };
}

function backward(row: Row, by: 'block' | 'subgroup'): OpCase {
  return {
    name: `backward by ${by}: ${row.name}`,
    ...tolerance(row),
    runsOn: ({ subgroupSize }) => by !== 'subgroup' || (subgroupSize !== undefined && row.headDim % 4 === 0),
    make: ({ subgroupSize }) => {
      const { shape, q, k, v, first, last } = inputs(row);
      const dO = Float32Array.from(randomValues(q.length, 4));
      const [q64, k64, v64] = [float64(q), float64(k), float64(v)];
      const { out, lse } = attentionForward(q64, k64, v64, first, shape);
      return {
        buffers: {
          q,
          k,
          v,
          dO,
          o: Float32Array.from(out),
          lse: Float32Array.from(lse),
          first,
          last,
          terms: unset(2 * lse.length),
          dq: unset(q.length),
          dk: unset(k.length),
          dv: unset(v.length),
        },
        dispatches: attentionBackward({
          label: 'attention backward',
          ...views('dO', 'o', 'q', 'k', 'v', 'lse', 'first', 'last', 'terms', 'dq', 'dk', 'dv'),
          ...shape,
          subgroupSize: by === 'subgroup' ? subgroupSize : undefined,
        }),
        expected: { ...backwardReference(q64, k64, v64, first, shape, float64(dO)) },
        scratch: ['terms'],
      };
    },
  };
}

function inputs({ lengths, heads, kvHeads, headDim, scale = 1 }: Row) {
  const packed = packedRows(lengths);
  const [first, last] = [Uint32Array.from(packed.first), Uint32Array.from(packed.last)];
  const N = first.length;
  const shape: AttentionShape = { rows: N, heads, kvHeads, headDim };
  const random = (width: number, seed: number, size: number) =>
    Float32Array.from(randomValues(N * width * headDim, seed, size));
  const [q, k, v] = [random(heads, 1, scale), random(kvHeads, 2, scale), random(kvHeads, 3, 1)];
  return { shape, q, k, v, first, last };
}

function tolerance({ lengths, scale = 1 }: Row): { tolerance: Tolerance; reason: string } {
  if (lengths.every((length) => length === 1)) {
    return { tolerance: { maxAbs: 1e-6 }, reason: 'with a single key dq and dk are 0 but for rounding' };
  }
  return scale === 1
    ? {
        tolerance: { maxRel: 1e-5 },
        reason:
          'WGSL grants exp(x) 3 + 2|x| units in the last place: 1.4e-6 at |x| = 10; f32 sums add about that',
      }
    : {
        tolerance: { maxRel: 1e-4 },
        reason: 'an f32 score of 600 is off by 600 · 2^-24 or more, p by as much',
      };
}

function float64(values: Float32Array): Float64Array {
  return Float64Array.from(values);
}
