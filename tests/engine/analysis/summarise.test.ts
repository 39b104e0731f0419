import { describe, expect, it } from 'vitest';
import type { RunConfig } from '../../../src/config/runConfig';
import { adapterLayout } from '../../../src/engine/adapters/layout';
import { ckaMap } from '../../../src/engine/analysis/cka';
import type { ExpertFeatures } from '../../../src/engine/analysis/features/reader';
import { compareLayers } from '../../../src/engine/analysis/features/summarise';
import { createMatrix, stackColumns, transposed } from '../../../src/engine/analysis/matrix';
import { TINY_MODEL } from '../../../src/bench/model';
import { multiplied, randomMatrix } from '../../support/matrices';
import { randomValues } from '../../support/random';
import { testRun } from '../../support/runs';

const ROWS = 40;
const MODEL = { ...TINY_MODEL, layers: 4 };
/** Both sides are float64, by sums of another order. */
const DIGITS = 10;

describe('the similarity of increments', () => {
  it.each<[string, Partial<RunConfig>]>([
    ['one B behind a sum', { method: 'masa', num_experts: 3, r: 4 }],
    ['a B for each expert', { method: 'hydralora', num_experts: 3, r: 4 }],
    ['more directions than outputs', { method: 'lora_moe', num_experts: 4, r: 8 }],
  ])('is that of the whole increments, with %s', (_, settings) => {
    const run = testRun(MODEL.layers, 16, settings);
    const layout = adapterLayout(run, MODEL);
    const values = Float32Array.from(randomValues(layout.size, 7));
    const { ups } = layout.block;
    const modules = layout.targets.flatMap((module, index) =>
      Array.from({ length: MODEL.layers }, (__, layer) => {
        const mix = randomMatrix(ROWS, ups * run.r, 100 * index + layer);
        return { layer, module, experts: mix, mix, increment: undefined, gates: undefined };
      }),
    );
    const features: ExpertFeatures = { rows: [], downs: layout.block.downs, r: run.r, modules };
    const found = compareLayers(features, layout, values, true);
    expect(found.map(({ module }) => module)).toEqual(layout.targets);
    for (const { module, increments } of found) {
      const whole = modules
        .filter((place) => place.module === module)
        .map(({ layer, mix }) => {
          const heads = Array.from({ length: ups }, (__, expert) => {
            const { offset, shape } = layout.find('B', module, layer, expert);
            return createMatrix(...shape, values.subarray(offset, offset + shape[0] * shape[1]));
          });
          return multiplied(mix, transposed(stackColumns(heads)));
        });
      ckaMap(whole).forEach((row, i) => {
        row.forEach((value, j) => {
          expect(increments.map![i]![j]).toBeCloseTo(value!, DIGITS);
        });
      });
    }
  });
});
