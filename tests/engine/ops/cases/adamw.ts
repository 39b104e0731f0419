import { adamw, ADAMW, blockTable, PARTIALS_BYTES, type GradientRun } from '../../../../src/engine/ops/adamw';
import { randomValues } from '../../../support/random';
import { unset, type OpCase } from '../../../support/runOps';

const STEP = { learningRate: 3e-3, bias1: 1 - ADAMW.beta1 ** 4, bias2: 1 - ADAMW.beta2 ** 4 };

export const cases: OpCase[] = [
  row('one weight', [run(0, 0, 1)], 0, 0),
  row('no clipping, no decay, odd lengths', [run(0, 0, 300), run(300, 300, 7), run(307, 307, 257)], 0, 0),
  row('clipping and decay', [run(0, 0, 513), run(513, 513, 64)], 0.1, 0.5),
  row('a norm below the limit is not clipped', [run(0, 0, 20)], 0, 1000),
  row('three experts that share one gradient', [run(0, 0, 90), run(90, 0, 90), run(180, 0, 90)], 0.01, 0.3),
  row('whole quads', [run(0, 0, 512), run(512, 512, 64)], 0.1, 0.5),
  row('more blocks than the norm has workgroups', [run(0, 0, 256 * 70 + 3)], 0, 1),
  diverged(),
];

/** An infinite gradient leaves weights and moments alone. */
function diverged(): OpCase {
  return {
    name: 'a gradient that is no number is not applied',
    tolerance: { maxAbs: 0 },
    reason: 'nothing is written',
    make: () => {
      const size = 300;
      const gradient = Float32Array.from(randomValues(size, 2));
      gradient[257] = Number.POSITIVE_INFINITY;
      const [weights, m, v] = [1, 3, 4].map((seed) => Float32Array.from(randomValues(size, seed), Math.abs));
      const runs = [run(0, 0, size)];
      const blocks = blockTable(runs);
      const names = ['weights', 'gradient', 'm', 'v', 'blocks', 'partials', 'norm'] as const;
      const views = Object.fromEntries(names.map((name) => [name, { buffer: name }]));
      return {
        buffers: {
          weights: weights!,
          gradient,
          m: m!,
          v: v!,
          blocks,
          partials: unset(PARTIALS_BYTES / 4),
          norm: unset(2),
        },
        step: STEP,
        dispatches: adamw({
          ...(views as Record<(typeof names)[number], { buffer: string }>),
          runs,
          weightDecay: 0.1,
          maxGradNorm: 1,
        }),
        expected: { weights: weights!, m: m!, v: v! },
        scratch: ['partials', 'norm'],
      };
    },
  };
}

function run(weight: number, gradient: number, length: number): GradientRun {
  return { weight, gradient, length };
}

function row(name: string, runs: readonly GradientRun[], weightDecay: number, maxGradNorm: number): OpCase {
  return {
    name,
    // A weight is a sum of three f32 terms; the second moment's square root and quotient add some 2e-7 each.
    tolerance: { maxRel: 2e-6 },
    reason: 'a handful of f32 operations a weight',
    make: () => {
      const size = runs.reduce((total, { length }) => total + length, 0);
      const weights = Float32Array.from(randomValues(size, 1));
      const gradient = Float32Array.from(randomValues(size, 2));
      const m = Float32Array.from(randomValues(size, 3, 0.1));
      const v = Float32Array.from(randomValues(size, 4, 0.1), Math.abs);
      const blocks = blockTable(runs);
      const gradientOf = new Float64Array(size);
      for (const { weight, gradient: from, length } of runs) {
        for (let i = 0; i < length; i++) gradientOf[weight + i] = gradient[from + i]!;
      }
      const norm = Math.sqrt(gradientOf.reduce((sum, g) => sum + g * g, 0));
      const clip = maxGradNorm > 0 ? Math.min(1, maxGradNorm / (norm + 1e-6)) : 1;
      const next = { weights: new Float64Array(size), m: new Float64Array(size), v: new Float64Array(size) };
      for (let i = 0; i < size; i++) {
        const g = clip * gradientOf[i]!;
        next.m[i] = ADAMW.beta1 * m[i]! + (1 - ADAMW.beta1) * g;
        next.v[i] = ADAMW.beta2 * v[i]! + (1 - ADAMW.beta2) * g * g;
        const denominator = Math.sqrt(next.v[i]! / STEP.bias2) + ADAMW.epsilon;
        next.weights[i] =
          weights[i]! * (1 - STEP.learningRate * weightDecay) -
          ((STEP.learningRate / STEP.bias1) * next.m[i]!) / denominator;
      }
      return {
        buffers: { weights, gradient, m, v, blocks, partials: unset(PARTIALS_BYTES / 4), norm: unset(2) },
        step: STEP,
        dispatches: adamw({
          weights: { buffer: 'weights' },
          gradient: { buffer: 'gradient' },
          m: { buffer: 'm' },
          v: { buffer: 'v' },
          blocks: { buffer: 'blocks' },
          runs,
          partials: { buffer: 'partials' },
          norm: { buffer: 'norm' },
          weightDecay,
          maxGradNorm,
        }),
        expected: { ...next, norm: [norm, clip] },
        scratch: ['partials'],
      };
    },
  };
}
