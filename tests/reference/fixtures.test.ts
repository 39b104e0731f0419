import { describe, expect, it } from 'vitest';
import { MODULES } from '../../src/config/modules';
import { dropoutKey, keeps } from '../../src/engine/ops/dropoutHash';
import { gradientFixture, referenceWeights, scheduleFixture, trainingFixture } from '../support/fixture';
import { GRADIENT_FIXTURES, TRAINING_FIXTURES, type FixtureAdapter } from '../support/fixtureFormat';
import { adamWState, adamWStep } from './adamW';
import { assertClose } from './compare';
import { hashMasks } from './dropout';
import { clipCoefficient, gradientNorm } from './gradientNorm';
import { llamaGradient, llamaLoss, type ReferenceAdapter } from './llama';
import { scheduleFactor } from './schedule';

/**
 * PyTorch computed the fixtures in float32 (2^-24 = 6e-8 per operation) through up to five layers, with
 * float32 RoPE angles of up to 40 radians (error 40 · 6e-8 = 2.4e-6 each); the reference is float64. The
 * largest observed difference is 5e-6 of a tensor's largest value.
 */
const FLOAT32 = { maxRel: 1e-5 };

function referenceAdapter(shape: FixtureAdapter, values: ArrayLike<number>): ReferenceAdapter {
  return { shape, loraAlpha: shape.lora_alpha, values: Float64Array.from(values) };
}

describe('float64 reference agrees with PyTorch', () => {
  for (const name of GRADIENT_FIXTURES) {
    it(`in logits, loss and every adapter gradient of ${name}`, async () => {
      const fixture = await gradientFixture(name);
      const { checkpoint, adapter, batch, layout } = fixture;
      const model = {
        config: checkpoint.config,
        weights: await referenceWeights(checkpoint),
        adapter: referenceAdapter(adapter, fixture.values),
      };
      const masks = hashMasks(adapter, fixture.step, fixture.micro);
      const { counted } = llamaLoss(model, batch, masks);
      const { logits, lossSum, gradient } = llamaGradient(model, batch, 1 / counted, masks);
      assertClose(logits, fixture.logits, FLOAT32, 'logits');
      assertClose([lossSum / counted], [fixture.loss], FLOAT32, 'loss');
      for (const { name: tensor, offset, shape } of layout.tensors) {
        const end = offset + shape[0] * shape[1];
        assertClose(gradient.subarray(offset, end), fixture.gradient.subarray(offset, end), FLOAT32, tensor);
      }
    });

    it(`in the dropout masks of ${name}`, async () => {
      const { adapter, dropoutCheck } = await gradientFixture(name);
      expect(dropoutCheck.length > 0).toBe(adapter.lora_dropout > 0);
      for (const check of dropoutCheck) {
        const { step, micro, layer, expert } = check;
        const key = dropoutKey(adapter.seed, step, micro, layer, MODULES.indexOf(check.module), expert);
        const ours = Array.from(check.keeps, (_, element) =>
          keeps(key, element, adapter.lora_dropout) ? 1 : 0,
        );
        expect(ours.join('')).toBe(check.keeps);
      }
    });
  }

  for (const name of TRAINING_FIXTURES) {
    it(`in the losses, gradient norms and final adapter of ${name}`, async () => {
      const { checkpoint, adapter, training, steps, values, final } = await trainingFixture(name);
      const ours = referenceAdapter(adapter, values);
      const model = { config: checkpoint.config, weights: await referenceWeights(checkpoint), adapter: ours };
      const state = adamWState(values.length);
      steps.forEach(({ batches, loss, gradNorm, learningRate }, step) => {
        const counted = batches.reduce(
          (sum, { targets }) => sum + Array.from(targets).filter((target) => target >= 0).length,
          0,
        );
        const gradient = new Float64Array(values.length);
        let lossSum = 0;
        batches.forEach((batch, micro) => {
          const part = llamaGradient(model, batch, 1 / counted, hashMasks(adapter, step, micro));
          part.gradient.forEach((value, i) => (gradient[i]! += value));
          lossSum += part.lossSum;
        });
        const norm = gradientNorm(gradient);
        assertClose([lossSum / counted], [loss], FLOAT32, `loss of step ${step}`);
        assertClose([norm], [gradNorm], FLOAT32, `gradient norm of step ${step}`);
        const rate =
          training.learning_rate *
          scheduleFactor(training.lr_scheduler_type, step, training.warmup_steps, training.max_steps);
        expect(rate).toBeCloseTo(learningRate, 14);
        const clip = clipCoefficient(norm, training.max_grad_norm);
        adamWStep(
          ours.values,
          gradient.map((value) => clip * value),
          state,
          { learningRate: rate, weightDecay: training.weight_decay },
        );
      });
      assertClose(ours.values, final, FLOAT32, 'final adapter');
      // The run must have moved the adapter by far more than the tolerance.
      expect(Math.max(...final.map((value, i) => Math.abs(value - values[i]!)))).toBeGreaterThan(0.02);
    });
  }

  it('in the learning-rate schedules', () => {
    for (const { type, warmup_steps, max_steps, factors } of scheduleFixture()) {
      factors.forEach((factor, step) => {
        // Both sides are float64; the order of operations may differ.
        expect(scheduleFactor(type, step, warmup_steps, max_steps)).toBeCloseTo(factor, 14);
      });
    }
  });
});
