import { crossEntropy } from '../../../../src/engine/ops/crossEntropy';
import { crossEntropy as reference, IGNORED } from '../../../reference/crossEntropy';
import { randomIntegers, randomValues } from '../../../support/random';
import { unset, views, type OpCase } from '../../../support/runOps';

export const cases: OpCase[] = [false, true].flatMap((bySubgroup) => [
  row('one row, one token in the vocabulary', bySubgroup, 1, 1, 1),
  row('fewer tokens than threads', bySubgroup, 7, 13, 3),
  row('three full rows of threads and one more', bySubgroup, 3, 769, 3),
  row('a vocabulary of 32000', bySubgroup, 2, 32000, 4),
  row('logits of several hundred', bySubgroup, 5, 300, 500),
  row('a chunk in the middle of the rows', bySubgroup, 4, 65, 3, 3),
]);

function row(
  name: string,
  bySubgroup: boolean,
  rows: number,
  vocab: number,
  scale: number,
  firstRow = 0,
): OpCase {
  return {
    name: bySubgroup ? `${name}, by subgroup` : name,
    runsOn: ({ subgroupSize }) => !bySubgroup || subgroupSize !== undefined,
    tolerance: { maxRel: 2e-5 },
    reason:
      'an f32 difference of logits up to 1000 is off by 3e-5 in its exponential where that is 2^-30 and less; ' +
      'WGSL grants exp(x) 3 + 2|x| units in the last place, 1e-5 at x = -20, and log 2^-21 near 1',
    make: ({ subgroupSize }) => {
      const all = firstRow + rows + (firstRow > 0 ? 2 : 0);
      const logits = Float32Array.from(randomValues(rows * vocab, 1, scale));
      // Every third row does not count; rows outside the chunk would count if they were read.
      const targets = randomIntegers(all, vocab, 2).map((v, n) => (n % 3 === 1 ? IGNORED : v));
      const chunk = targets.subarray(firstRow, firstRow + rows);
      const invTokens = 1 / 64;
      const losses = unset(all);
      const expectedLosses = Float64Array.from(losses);
      const logits64 = Float64Array.from(logits);
      chunk.forEach((target, n) => {
        const own = logits64.subarray(n * vocab, (n + 1) * vocab);
        expectedLosses[firstRow + n] = reference(own, [target], 1).lossSum;
      });
      return {
        buffers: { logits, targets, losses },
        step: { invTokens },
        dispatches: [
          crossEntropy({
            label: 'cross-entropy',
            ...views('logits', 'targets', 'losses'),
            rows,
            firstRow,
            vocab,
            subgroupSize: bySubgroup ? subgroupSize : undefined,
          }),
        ],
        expected: { logits: reference(logits64, chunk, invTokens).dLogits, losses: expectedLosses },
      };
    },
  };
}
