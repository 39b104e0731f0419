import { describe, expect, it } from 'vitest';
import type { RopeConfig } from '../../../src/engine/model/llamaConfig';
import { ropeFrequencies, ropeTable } from '../../../src/engine/model/ropeTable';
import { assertClose } from '../../reference/compare';
import { rope, ropeFrequencies as referenceFrequencies } from '../../reference/rope';
import { tinyConfig } from '../../support/tinyModel';

const llama3: RopeConfig = {
  type: 'llama3',
  theta: 10000,
  factor: 8,
  lowFreqFactor: 1,
  highFreqFactor: 4,
  originalMaxPositions: 128,
};

describe('rope table', () => {
  // `inv_freq` of transformers 5.18's LlamaRotaryEmbedding on torch 2.13 (CPU), printed as float64.
  it.each<[string, RopeConfig, number[]]>([
    [
      'default',
      { type: 'default', theta: 500000 },
      [1, 0.07247795909643173, 0.005253055598586798, 0.0003807306638918817, 2.7594589482760057e-5],
    ],
    [
      'llama3',
      llama3,
      [
        1, 0.3162277638912201, 0.04275117814540863, 0.0039528473280370235, 0.0012499999720603228,
        0.00039528473280370235, 0.0001250000059371814, 3.9528473280370235e-5,
      ],
    ],
  ])('has the frequencies of transformers to the last bit: %s', (_, config, expected) => {
    expect([...ropeFrequencies(config, 2 * expected.length)]).toEqual(expected);
  });

  it.each([{ type: 'default', theta: 10000 } as const, llama3])(
    'turns by position times frequency',
    (config) => {
      const positions = 300;
      const D = 16;
      const table = ropeTable({ ...tinyConfig, headDim: D, rope: config }, positions);
      // A pair (1, 0) rotated by the reference is (cos, sin).
      const pairs = new Float64Array(positions * D).map((_, i) => (i % D < D / 2 ? 1 : 0));
      const turned = rope(
        pairs,
        Array.from({ length: positions }, (_, n) => n),
        referenceFrequencies(config, D),
      );
      // An angle of 300 is rounded to 24 bits: half of 300 · 2^-23; slower pairs carry their frequency's rounding.
      assertClose(table, turned, { maxAbs: 300 * 2 ** -23 }, 'cos and sin');
    },
  );
});
