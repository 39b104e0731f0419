import { scatterRows } from '../../../../src/engine/ops/scatterRows';
import { randomValues } from '../../../support/random';
import { unset, views, type OpCase } from '../../../support/runOps';

export const cases: OpCase[] = [
  row('one row of one to the start', 1, [0], 1),
  row('odd rows in any order', 13, [11, 3, 19, 0, 7], 20),
  row('up to the end', 33, [41, 40, 2], 42),
  row('rows that go nowhere', 6, [2 ** 32 - 1, 4, 5, 9, 2 ** 31], 5),
];

function row(name: string, width: number, chosen: readonly number[], scatteredRows: number): OpCase {
  return {
    name,
    tolerance: { maxAbs: 0 },
    reason: 'a copy',
    make: () => {
      const rows = chosen.length;
      const source = Float32Array.from(randomValues(rows * width, 1));
      const scattered = unset(scatteredRows * width);
      const expected = scattered.slice();
      chosen.forEach((place, n) => {
        if (place < scatteredRows) expected.set(source.subarray(n * width, (n + 1) * width), place * width);
      });
      const args = { label: 'scatter', rows, width, scatteredRows };
      return {
        buffers: { chosen: Uint32Array.from(chosen), source, scattered },
        dispatches: [scatterRows({ ...args, ...views('chosen', 'source', 'scattered') })],
        expected: { scattered: expected },
      };
    },
  };
}
