import { expect, it } from 'vitest';
import { BENCH_MODEL, benchRun, randomBatch, randomCheckpoint, TINY_MODEL } from '../../src/bench/model';
import { frozenFlops } from '../../src/bench/step';
import { planTraining, weightInfo } from '../../src/engine';

it('counts the operations of the frozen products that a step launches', () => {
  const weights = weightInfo(randomCheckpoint(TINY_MODEL, 'F32'));
  const run = benchRun(TINY_MODEL, { num_experts: 4 });
  const plan = planTraining({ config: TINY_MODEL, weights, run, maxBinding: 2 ** 27 });
  const [C, F, KD, V, N] = [32, 48, 16, 64, 16];
  const qkv = C * (C + 2 * KD);
  const layer = qkv + C * C + 3 * C * F;
  expect(frozenFlops(plan).nt).toBe(2 * N * (2 * layer + V * C));
  // Nothing below the first layer's q, k and v needs a gradient.
  expect(frozenFlops(plan).nn).toBe(2 * N * (2 * layer - qkv + V * C));
});

it('makes the same model and batch every time', async () => {
  const [once, again] = [randomCheckpoint(TINY_MODEL, 'BF16'), randomCheckpoint(TINY_MODEL, 'BF16')];
  const name = 'model.layers.1.mlp.up_proj.weight';
  const bytes = await once.tensors.get(name)!.read(0, 48 * 32 * 2);
  expect(bytes).toEqual(await again.tensors.get(name)!.read(0, 48 * 32 * 2));
  expect(new Set(bytes).size).toBeGreaterThan(100);
  const batch = randomBatch(BENCH_MODEL, 1);
  expect(batch.counted).toBe(256);
  expect(Math.max(...batch.tokens)).toBeLessThan(2048);
  expect(new Set(batch.tokens).size).toBeGreaterThan(200);
});
