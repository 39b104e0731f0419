import { ropeTable } from '../../../../src/engine/model/ropeTable';
import { rope } from '../../../../src/engine/ops/rope';
import { rope as reference, ropeFrequencies } from '../../../reference/rope';
import { packedRows } from '../../../support/packing';
import { randomValues } from '../../../support/random';
import { views, type OpCase } from '../../../support/runOps';
import { tinyConfig } from '../../../support/tinyModel';

export const cases: OpCase[] = [false, true].flatMap((inverse) => [
  row('one head two wide', [1], 1, 2, inverse),
  row('restarted positions, 3 heads 10 wide', [5, 1, 20], 3, 10, inverse),
  row('64 wide', [70], 2, 64, inverse),
]);

function row(
  name: string,
  lengths: readonly number[],
  heads: number,
  headDim: number,
  inverse: boolean,
): OpCase {
  return {
    name: `${inverse ? 'backward' : 'forward'}: ${name}`,
    tolerance: { maxAbs: 1e-5 },
    reason:
      'the angle, up to 70, is rounded to f32 (70 · 2^-24 = 4.2e-6) as in transformers, then two products',
    make: () => {
      const config = { ...tinyConfig, headDim };
      const { positions } = packedRows(lengths);
      const x = Float32Array.from(randomValues(positions.length * heads * headDim, 1));
      const frequencies = ropeFrequencies(config.rope, headDim);
      return {
        buffers: {
          x,
          positions: Uint32Array.from(positions),
          table: ropeTable(config, Math.max(...lengths)),
        },
        dispatches: [
          rope({
            label: 'rope',
            ...views('x', 'positions', 'table'),
            rows: positions.length,
            heads,
            headDim,
            inverse,
          }),
        ],
        expected: { x: reference(Float64Array.from(x), positions, frequencies, inverse ? -1 : 1) },
      };
    },
  };
}
