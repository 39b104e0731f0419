import { ropeTable } from '../../../../src/engine/model/ropeTable';
import { rope } from '../../../../src/engine/ops/rope';
import { rope as reference, ropeFrequencies } from '../../../reference/rope';
import { packedRows } from '../../../support/packing';
import { randomValues } from '../../../support/random';
import { views, type OpCase } from '../../../support/runOps';
import { tinyConfig } from '../../../support/tinyModel';

export const cases: OpCase[] = [false, true].flatMap((inverse) => [
  row('one head two wide', [1], 1, 1, 2, inverse),
  row('restarted positions, 6 heads 10 wide in groups of 3', [5, 1, 20], 6, 2, 10, inverse),
  row('64 wide', [70], 2, 1, 64, inverse),
  row('more heads than a workgroup turns at once, 40 wide', [9], 10, 5, 40, inverse),
  row('250 wide', [6], 2, 2, 250, inverse),
]);

function row(
  name: string,
  lengths: readonly number[],
  heads: number,
  kvHeads: number,
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
      const values = (count: number, seed: number) =>
        Float32Array.from(randomValues(positions.length * count * headDim, seed));
      const [q, k] = [values(heads, 1), values(kvHeads, 2)];
      const turned = (x: Float32Array) =>
        reference(Float64Array.from(x), positions, frequencies, inverse ? -1 : 1);
      const frequencies = ropeFrequencies(config.rope, headDim);
      return {
        buffers: {
          q,
          k,
          positions: Uint32Array.from(positions),
          table: ropeTable(config, Math.max(...lengths)),
        },
        dispatches: [
          rope({
            label: 'rope',
            ...views('q', 'k', 'positions', 'table'),
            rows: positions.length,
            heads,
            kvHeads,
            headDim,
            inverse,
          }),
        ],
        expected: { q: turned(q), k: turned(k) },
      };
    },
  };
}
