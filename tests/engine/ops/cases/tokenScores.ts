import { tokenScores } from '../../../../src/engine/ops/tokenScores';
import { crossEntropy } from '../../../reference/crossEntropy';
import { randomIntegers, randomValues } from '../../../support/random';
import { unset, views, type OpCase } from '../../../support/runOps';

export const cases: OpCase[] = [false, true].flatMap((bySubgroup) => [
  row('one row, one token in the vocabulary', bySubgroup, 1, 1, 1),
  row('fewer tokens than threads', bySubgroup, 7, 13, 3),
  row('three full rows of threads and one more', bySubgroup, 5, 769, 3),
  row('a vocabulary of 32000', bySubgroup, 3, 32000, 4),
  row('logits of several hundred', bySubgroup, 5, 300, 500),
  row('logits of four values only, so that many are equal', bySubgroup, 40, 52, 2, Math.round),
  row('rows whose logits are all equal', bySubgroup, 9, 9, 1, () => -3),
]);

/** Every second target is the row's argmax, the first of them where there are several; the others are drawn. */
function row(
  name: string,
  bySubgroup: boolean,
  rows: number,
  vocab: number,
  scale: number,
  shape: (value: number) => number = (value) => value,
): OpCase {
  return {
    name: bySubgroup ? `${name}, by subgroup` : name,
    runsOn: ({ subgroupSize }) => !bySubgroup || subgroupSize !== undefined,
    tolerance: { maxRel: 2e-5 },
    reason:
      'an f32 difference of logits up to 1000 is off by 3e-5 in its exponential where that is 2^-30 and less; ' +
      'WGSL grants exp(x) 3 + 2|x| units in the last place, 1e-5 at x = -20, and log 2^-21 near 1',
    make: ({ subgroupSize }) => {
      const logits = Float32Array.from(randomValues(rows * vocab, 1, scale), shape);
      const rowsOf = Array.from({ length: rows }, (_, n) =>
        Float64Array.from(logits.subarray(n * vocab, (n + 1) * vocab)),
      );
      const best = rowsOf.map((own) => own.indexOf(Math.max(...own)));
      const targets = Uint32Array.from(randomIntegers(rows, vocab, 2), (v, n) =>
        n % 2 === 0 ? best[n]! : v,
      );
      const expected = rowsOf.flatMap((own, n) => [
        -crossEntropy(own, [targets[n]!], 1).lossSum,
        targets[n] === best[n] ? 1 : 0,
      ]);
      return {
        buffers: { logits, targets, scores: unset(2 * rows) },
        dispatches: [
          tokenScores({
            label: 'token scores',
            ...views('logits', 'targets', 'scores'),
            rows,
            vocab,
            subgroupSize: bySubgroup ? subgroupSize : undefined,
          }),
        ],
        expected: { scores: Float64Array.from(expected) },
      };
    },
  };
}
