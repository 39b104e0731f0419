import { attentionCached } from '../../../../src/engine/ops/attentionCached';
import { attentionForward } from '../../../reference/attention';
import { randomValues } from '../../../support/random';
import { unset, views, type OpCase } from '../../../support/runOps';

interface Row {
  readonly name: string;
  /** First and last key of each query, or nothing for a row of no sequence. */
  readonly keys: readonly (readonly [first: number, own: number] | undefined)[];
  readonly keyRows: number;
  readonly heads: number;
  readonly kvHeads: number;
  readonly headDim: number;
  /** Size of the values of q and k; large ones make one key win. */
  readonly scale?: number;
}

const rows: readonly Row[] = [
  { name: 'one row of one key', keys: [[0, 0]], keyRows: 1, heads: 1, kvHeads: 1, headDim: 8 },
  {
    name: 'sequences in any order, several rows of one, some of none',
    keys: [[40, 43], undefined, [0, 0], [40, 41], [80, 119], undefined, [40, 42]],
    keyRows: 120,
    heads: 4,
    kvHeads: 2,
    headDim: 16,
  },
  {
    name: 'up to a whole tile of keys and beyond',
    keys: [
      [3, 258],
      [3, 259],
      [300, 821],
      [3, 257],
    ],
    keyRows: 822,
    heads: 2,
    kvHeads: 1,
    headDim: 16,
  },
  {
    name: 'heads 7 wide in groups of 4',
    keys: [
      [10, 70],
      [0, 8],
    ],
    keyRows: 71,
    heads: 4,
    kvHeads: 1,
    headDim: 7,
  },
  {
    name: 'heads 10 wide in groups of 3',
    keys: [[5, 44], undefined, [0, 4]],
    keyRows: 50,
    heads: 6,
    kvHeads: 2,
    headDim: 10,
  },
  {
    name: 'heads 48 wide in groups of 8',
    keys: [[0, 90]],
    keyRows: 100,
    heads: 8,
    kvHeads: 1,
    headDim: 48,
  },
  {
    name: 'heads 250 wide',
    keys: [
      [0, 20],
      [21, 22],
    ],
    keyRows: 23,
    heads: 4,
    kvHeads: 1,
    headDim: 250,
  },
  {
    name: 'heads 256 wide',
    keys: [
      [21, 40],
      [0, 6],
    ],
    keyRows: 41,
    heads: 4,
    kvHeads: 1,
    headDim: 256,
  },
  {
    name: 'scores of several hundred',
    keys: [
      [0, 62],
      [70, 369],
    ],
    keyRows: 370,
    heads: 2,
    kvHeads: 1,
    headDim: 16,
    scale: 15,
  },
];

export const cases: OpCase[] = rows.flatMap((row) => [check(row, 'workgroup'), check(row, 'subgroup')]);

function check(row: Row, by: 'workgroup' | 'subgroup'): OpCase {
  const { keys, keyRows, heads, kvHeads, headDim, scale = 1 } = row;
  return {
    name: `by ${by}: ${row.name}`,
    ...(scale === 1
      ? {
          tolerance: { maxRel: 1e-5 },
          reason:
            'WGSL grants exp(x) 3 + 2|x| units in the last place: 1.4e-6 at |x| = 10; f32 sums add about that',
        }
      : {
          tolerance: { maxRel: 1e-4 },
          reason: 'an f32 score of 600 is off by 600 · 2^-24 or more, p by as much',
        }),
    runsOn: ({ subgroupSize }) => by === 'workgroup' || subgroupSize !== undefined,
    make: ({ subgroupSize }) => {
      const shape = { rows: keys.length, heads, kvHeads, headDim };
      const width = kvHeads * headDim;
      const q = Float32Array.from(randomValues(keys.length * heads * headDim, 1, scale));
      // Only the keys of the sequences are there; whoever reads another gets NaN.
      const [k, v] = [unset(keyRows * width), unset(keyRows * width)];
      for (const [first, own] of keys.filter((range) => range !== undefined)) {
        for (let key = first; key <= own; key++) {
          k.set(randomValues(width, 1000 + key, scale), key * width);
          v.set(randomValues(width, 5000 + key), key * width);
        }
      }
      const launch = attentionCached({
        label: 'attention',
        ...views('q', 'k', 'v', 'first', 'own', 'o'),
        ...shape,
        keyRows,
        subgroupSize: by === 'subgroup' ? subgroupSize : undefined,
      });
      return {
        buffers: {
          q,
          k,
          v,
          first: Uint32Array.from(keys, (range) => range?.[0] ?? 0),
          own: Uint32Array.from(keys, (range, n) => range?.[1] ?? (n % 2 === 0 ? keyRows : 2 ** 32 - 1)),
          o: unset(q.length),
        },
        dispatches: [launch],
        expected: { o: reference(row, q, k, v) },
      };
    },
  };
}

/** Each row as the last of a sequence by itself. */
function reference(
  { keys, heads, kvHeads, headDim }: Row,
  q: Float32Array,
  k: Float32Array,
  v: Float32Array,
): Float64Array {
  const out = new Float64Array(q.length);
  const [query, width] = [heads * headDim, kvHeads * headDim];
  keys.forEach((range, n) => {
    if (range === undefined) return;
    const [first, own] = range;
    const count = own - first + 1;
    const queries = new Float64Array(count * query);
    queries.set(q.subarray(n * query, (n + 1) * query), (count - 1) * query);
    const part = (values: Float32Array) =>
      Float64Array.from(values.subarray(first * width, (own + 1) * width));
    const alone = attentionForward(queries, part(k), part(v), new Uint32Array(count), {
      heads,
      kvHeads,
      headDim,
    });
    out.set(alone.out.subarray((count - 1) * query), n * query);
  });
  return out;
}
