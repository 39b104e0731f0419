import { accumulateSum } from '../../../../src/engine/ops/sumLosses';
import { randomValues } from '../../../support/random';
import { views, type OpCase } from '../../../support/runOps';

export const cases: OpCase[] = [
  row('one value', 1, 1),
  row('fewer values than threads', 100, 0),
  row('many values, odd count', 10_007, 2),
];

function row(name: string, count: number, slot: number): OpCase {
  return {
    name,
    tolerance: { maxRel: 1e-6 },
    reason: 'at most 40 positive terms a thread, then 8 levels of a tree: under 16 · 2^-24 of the sum',
    make: () => {
      const values = Float32Array.from(randomValues(count, 1), Math.abs);
      const sums = Float32Array.of(10, 20, 30);
      const expected = Float64Array.from(sums);
      expected[slot] = values.reduce((sum, value) => sum + value, sums[slot]!);
      // `values` is longer than `count` where the last rows of a batch do not count.
      const longer = Float32Array.of(...values, 1000);
      return {
        buffers: { values: longer, sums },
        dispatches: [accumulateSum({ label: 'sum', ...views('values', 'sums'), count, slot })],
        expected: { sums: expected },
      };
    },
  };
}
