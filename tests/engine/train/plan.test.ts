import { describe, expect, it } from 'vitest';
import type { RunConfig } from '../../../src/config/runConfig';
import { tensorShapes } from '../../../src/engine/model/tensorShapes';
import { modelWeights } from '../../../src/engine/model/weights';
import { memoryFloor } from '../../../src/engine/train/memoryFloor';
import { planTraining } from '../../../src/engine/train/plan';
import { testRun } from '../../support/runs';
import { tinyConfig } from '../../support/tinyModel';

/** The model of the benchmark: four layers, 15 million weights. */
const BENCH = {
  ...{ ...tinyConfig, vocabSize: 2048, hiddenSize: 512, intermediateSize: 1536, layers: 4 },
  ...{ heads: 8, kvHeads: 4, headDim: 64, attentionBias: false, mlpBias: false, maxPositions: 2048 },
};
const TENSORS = [...tensorShapes(BENCH)].map(([name, shape]) => [name, { dtype: 'BF16', shape }] as const);
const WEIGHTS = modelWeights(BENCH, new Map(TENSORS));

function plan(settings: Partial<RunConfig>, memoryBudget?: number) {
  const run = testRun(4, 256, { method: 'lora', r: 8, ...settings });
  return {
    run,
    ...planTraining({ config: BENCH, weights: WEIGHTS, run, maxBinding: 2 ** 27, memoryBudget }),
  };
}

describe('the memory of a run', () => {
  it('is at most a quarter above the floor with checkpointing', () => {
    for (const method of ['lora', 'masa'] as const) {
      const { run, bytes } = plan({ method, gradient_checkpointing: 'on' });
      expect(bytes.total).toBeLessThanOrEqual(1.25 * memoryFloor(BENCH, WEIGHTS, run).total);
    }
  });

  it('has the floor that one computes by hand', () => {
    const { run } = plan({});
    // In rows of C = 512: h1, q, o, mid, h2 and the residual's gradient 1 each, k and v 1/2, gate, up and act 3.
    const live = 256 * 4 * (16 * 512 + 2 /* rstd */ + 8 /* lse */ + 7 * 8); /* u */
    expect(memoryFloor(BENCH, WEIGHTS, run)).toMatchObject({
      weights: 2 * (4 * (1536 * 512 + 3 * 1536 * 512 + 2 * 512) + 2 * 2048 * 512 + 512),
      adapters: 16 * 4 * 8 * (6 * 512 + 1536 + 3 * 512 + 2 * 256 + 2 * 1536),
      layerInputs: 4 * 256 * 512 * 4,
      liveSet: live,
    });
  });

  it('is spared by itself where the run would take more than the budget', () => {
    const { bytes } = plan({ gradient_checkpointing: 'off' });
    expect(plan({}, bytes.total).recomputed).toBe(false);
    expect(plan({}, bytes.total - 1).recomputed).toBe(true);
    expect(plan({ gradient_checkpointing: 'off' }, 0).recomputed).toBe(false);
    expect(plan({}).recomputed).toBe(false);
  });
});

describe('the launches of a step', () => {
  const labels = (settings: Partial<RunConfig>) => plan(settings).programs.micro!.map(({ label }) => label);
  const gradients = (settings: Partial<RunConfig>, layer: number) =>
    labels(settings).filter(
      (label) => label.startsWith(`layer ${layer} /`) && /gradient| dx$|grad$/.test(label),
    );

  it('go down to the lowest adapted linear and no further', () => {
    const attention = /attention gradient|rope gradient/;
    expect(gradients({}, 0).some((label) => attention.test(label))).toBe(true);
    expect(gradients({}, 0).filter((label) => /[qkv]_proj dx|input norm/.test(label))).toEqual([]);
    const mlp = gradients({ target_modules: ['up_proj'] }, 0);
    expect(mlp.filter((label) => / dx$/.test(label))).toEqual(['layer 0 / down_proj dx']);
    expect(mlp.some((label) => attention.test(label))).toBe(false);
    expect(gradients({ target_modules: ['up_proj'] }, 1).some((label) => attention.test(label))).toBe(true);
    const down = gradients({ target_modules: ['down_proj'] }, 0);
    expect(down).toHaveLength(2); // of A and of B
  });

  it('compute all layers but the last again with checkpointing, without their outputs', () => {
    const times = (label: string) =>
      labels({ gradient_checkpointing: 'on' }).filter((other) => other === label).length;
    for (const part of ['q_proj', 'attention', 'o_proj', 'up_proj', 'swiglu']) {
      expect([0, 1, 2, 3].map((layer) => times(`layer ${layer} / ${part}`))).toEqual([2, 2, 2, 1]);
    }
    expect(times('layer 0 / down_proj')).toBe(1);
    expect(times('layer 0 / q_proj, k_proj, v_proj / u')).toBe(1);
  });
});
