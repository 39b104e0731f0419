import { copyRows } from '../../../../src/engine/ops/copyRows';
import { randomValues } from '../../../support/random';
import { unset, views, type OpCase } from '../../../support/runOps';

export const cases: OpCase[] = [
  row('one row to the start', 1, 1, 0, 1),
  row('odd rows into the middle', 5, 13, 7, 20),
  row('up to the end', 40, 33, 2, 42),
];

function row(name: string, rows: number, width: number, rowOffset: number, capacity: number): OpCase {
  return {
    name,
    tolerance: { maxAbs: 0 },
    reason: 'a copy',
    make: () => {
      const source = Float32Array.from(randomValues(rows * width, 1));
      const target = unset(capacity * width);
      const expected = target.slice();
      expected.set(source, rowOffset * width);
      return {
        buffers: { source, target },
        step: { rowOffset },
        dispatches: [copyRows({ label: 'copy', ...views('source', 'target'), rows, width })],
        expected: { target: expected },
      };
    },
  };
}
