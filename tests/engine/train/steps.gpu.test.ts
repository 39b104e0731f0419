import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest';
import { UserError } from '../../../src/config/errors';
import type { RunConfig } from '../../../src/config/runConfig';
import { createTrainer, loadBaseModel, openDevice, type BaseModel } from '../../../src/engine';
import { microBatch, type MicroBatch } from '../../../src/engine/data/batch';
import { MOST_AHEAD } from '../../../src/engine/train/plan';
import { nextStop } from '../../../src/engine/train/schedule';
import { describeGpu, testGpu } from '../../support/dawn';
import { gradientFixture } from '../../support/fixture';
import { randomIntegers } from '../../support/random';
import { testRun } from '../../support/runs';

const ROWS = 16;
/** Of the fixture's model. */
const VOCABULARY = 67;
/** Divided by so small a number of tokens, every gradient is infinite. */
const NO_COUNT = Number.MIN_VALUE;

describeGpu('steps that run ahead', () => {
  let base: BaseModel;

  beforeAll(async () => {
    const { checkpoint } = await gradientFixture('masa');
    base = await loadBaseModel(await openDevice((await testGpu())!), checkpoint);
  });

  afterAll(() => {
    base.destroy();
  });

  afterEach(() => {
    vi.restoreAllMocks();
  });

  function batch(seed: number): MicroBatch {
    const ids = Uint32Array.from(randomIntegers(ROWS, VOCABULARY, seed));
    return microBatch([[{ ids, train: Uint8Array.from(ids, () => 1), task: undefined }]], 1, ROWS);
  }

  /** A trainer whose steps take a given time by its own clock, with the steps that it has asked batches for. */
  async function trainer(stepSeconds: number, divergingStep = -1, settings: Partial<RunConfig> = {}) {
    let now = 0;
    vi.spyOn(performance, 'now').mockImplementation(() => (now += 500 * stepSeconds));
    const asked: number[] = [];
    const diverging = { step: divergingStep };
    const made = await createTrainer(base, {
      run: testRun(base.config.layers, ROWS, { r: 2, learning_rate: 1e-2, warmup_steps: 0, ...settings }),
      batches: {
        batchFor: (step) => {
          asked.push(step);
          return step === diverging.step ? { ...batch(step), counted: NO_COUNT } : batch(step);
        },
        validation: [],
      },
    });
    return { made, asked, diverging };
  }

  /** What the adapter has after `steps` steps, one by one. */
  async function after(steps: number, settings: Partial<RunConfig> = {}) {
    const { made } = await trainer(1, -1, settings);
    for (let i = 0; i < steps; i++) await made.step();
    const snapshot = await made.snapshot();
    made.destroy();
    return snapshot;
  }

  it('give the bits of steps one by one, in order', async () => {
    const { made } = await trainer(0.001);
    const seen: number[] = [];
    await made.steps(8, ({ step }) => void seen.push(step));
    expect(seen).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    expect(made.stepsDone).toBe(8);
    expect(await made.snapshot()).toEqual(await after(8));
    made.destroy();
  });

  it('are at most three when they are short, and one when they are long', async () => {
    const most = async (seconds: number) => {
      const { made, asked } = await trainer(seconds);
      let ahead = 0;
      await made.steps(8, ({ step }) => {
        ahead = Math.max(ahead, asked.length - step);
      });
      made.destroy();
      return ahead;
    };
    expect(await most(0.001)).toBe(MOST_AHEAD - 1);
    expect(await most(1)).toBe(0);
  });

  it('end soon after a stop is asked for, with nothing under way', async () => {
    const { made, asked } = await trainer(0.001);
    let stop = false;
    await made.steps(
      50,
      ({ step }) => {
        stop = step === 5;
      },
      () => !stop,
    );
    expect(made.stepsDone).toBe(asked.length);
    expect(made.stepsDone).toBeLessThanOrEqual(5 + MOST_AHEAD - 1);
    expect(await made.snapshot()).toEqual(await after(made.stepsDone));
    made.destroy();
  });

  it('behind one that diverged change nothing, and the run can go on from before it', async () => {
    const { made, asked, diverging } = await trainer(0.001, 4);
    const seen: number[] = [];
    const refused = made.steps(9, ({ step }) => void seen.push(step));
    await expect(refused).rejects.toThrow(/^learning_rate: step 5 gave a loss or gradient/);
    await expect(refused).rejects.toBeInstanceOf(UserError);
    expect(seen).toEqual([1, 2, 3, 4]);
    expect(Math.max(...asked)).toBe(4 + MOST_AHEAD - 1); // steps with good batches were under way behind it
    expect(made.stepsDone).toBe(4);
    expect(await made.snapshot()).toEqual(await after(4));
    diverging.step = -1;
    await made.steps(6, () => undefined);
    expect(await made.snapshot()).toEqual(await after(6));
    made.destroy();
  });

  it('stop where a run has something else to do', () => {
    const run = { max_steps: 10, eval_steps: 4, save_steps: 6 };
    expect([0, 3, 4, 5, 6, 8, 9].map((step) => nextStop(step, run))).toEqual([4, 4, 6, 6, 8, 10, 10]);
    expect(nextStop(0, { max_steps: 7, eval_steps: 0, save_steps: 0 })).toBe(7);
  });
});
