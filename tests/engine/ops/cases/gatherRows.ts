import { gatherRows } from '../../../../src/engine/ops/gatherRows';
import { randomIntegers, randomValues } from '../../../support/random';
import { unset, views, type OpCase } from '../../../support/runOps';

export const cases: OpCase[] = [
  row('one element', { sourceRows: 1, stride: 1, offset: 0, rows: 1, width: 1 }),
  row('whole rows, some more than once', { sourceRows: 5, stride: 13, offset: 0, rows: 9, width: 13 }),
  row('some columns of odd rows', { sourceRows: 7, stride: 11, offset: 3, rows: 5, width: 5 }),
  row('the last columns', { sourceRows: 40, stride: 24, offset: 16, rows: 33, width: 8 }),
];

interface Sizes {
  readonly sourceRows: number;
  readonly stride: number;
  readonly offset: number;
  readonly rows: number;
  readonly width: number;
}

function row(name: string, { sourceRows, stride, offset, rows, width }: Sizes): OpCase {
  return {
    name,
    tolerance: { maxAbs: 0 },
    reason: 'a copy',
    make: () => {
      const source = Float32Array.from(randomValues(sourceRows * stride, 1));
      const chosen = Uint32Array.from(randomIntegers(rows, sourceRows, 2));
      const expected = Array.from(chosen).flatMap((n) => {
        const from = n * stride + offset;
        return Array.from(source.subarray(from, from + width));
      });
      const { source: view, ...others } = views('chosen', 'source', 'gathered');
      return {
        buffers: { chosen, source, gathered: unset(rows * width) },
        dispatches: [
          gatherRows({ label: 'gather', ...others, source: { view, stride, offset }, rows, width }),
        ],
        expected: { gathered: expected },
      };
    },
  };
}
