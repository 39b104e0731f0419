import { afterAll, beforeAll, expect, it } from 'vitest';
import {
  attachAdapter,
  createTrainer,
  loadBaseModel,
  matchExactly,
  openChoiceScorer,
  openDevice,
  openExactMatcher,
  scoreChoices,
  type BaseModel,
  type StepMetrics,
  type Trainer,
} from '../../../src/engine';
import { microBatch } from '../../../src/engine/data/batch';
import { describeGpu, testGpu } from '../../support/dawn';
import { gradientFixture } from '../../support/fixture';
import { randomIntegers } from '../../support/random';
import { testRun } from '../../support/runs';
import { letterTokenizer } from './letterTokenizer';

const ROWS = 16;

const CHOICES = Array.from({ length: 20 }, (_, i) => ({
  task: 'letters',
  context: 'abcdefghijklmnopqrstuvwxyz'.slice(i % 9, 12 + (i % 7)),
  continuations: [' a', ' bc', ' d'],
  lengths: [1, 2, 1],
  answer: i % 3,
  chance: 1 / 3,
}));

const EXACT = ['abc', 'hello'].map((prompt) => ({
  task: 'letters',
  prompt,
  target: 'x',
  stop: [' '],
  maxNewTokens: 5,
  judge: (text: string) => text === 'x',
}));

describeGpu('evaluation in the middle of a run', () => {
  let base: BaseModel;

  beforeAll(async () => {
    const { checkpoint } = await gradientFixture('masa');
    base = await loadBaseModel(await openDevice((await testGpu())!), checkpoint);
  });

  afterAll(() => {
    base.destroy();
  });

  const run = () =>
    testRun(base.config.layers, ROWS, { r: 2, learning_rate: 1e-2, warmup_steps: 0, lora_dropout: 0.1 });

  function newTrainer(): Promise<Trainer> {
    const batchFor = (step: number) => {
      const ids = Uint32Array.from(randomIntegers(ROWS, base.config.vocabSize, step));
      return microBatch([[{ ids, train: Uint8Array.from(ids, () => 1), task: undefined }]], 1, ROWS);
    };
    return createTrainer(base, { run: run(), batches: { batchFor, validation: [] } });
  }

  /** Metrics, without the time, and adapter of six steps, with `between` called after every second one. */
  async function train(between: (trainer: Trainer) => Promise<void>) {
    const trainer = await newTrainer();
    const seen: StepMetrics[] = [];
    for (const stop of [2, 4, 6]) {
      await trainer.steps(stop, (metrics) => {
        seen.push({ ...metrics, seconds: 0 });
      });
      await between(trainer);
    }
    const { values } = await trainer.adapter();
    trainer.destroy();
    return { seen, values };
  }

  it('leaves the metrics and the adapter as they are without it, to the bit', async () => {
    const plain = await train(() => Promise.resolve());
    const watched = await train(async (trainer) => {
      await scoreChoices(base, letterTokenizer, CHOICES, { adapter: trainer.inference });
      await matchExactly(base, letterTokenizer, EXACT, { adapter: trainer.inference });
    });
    expect(plain.seen).toHaveLength(6);
    expect(watched).toEqual(plain);
  });

  it('sees the adapter of each moment, with what was opened before the first step', async () => {
    const trainer = await newTrainer();
    const scorer = await openChoiceScorer(base, letterTokenizer, CHOICES, trainer.inference);
    const matcher = await openExactMatcher(base, letterTokenizer, EXACT, trainer.inference);
    const sums: (readonly number[])[] = [];
    for (const stop of [0, 3, 6]) {
      await trainer.steps(stop, () => undefined);
      const [live, answers] = [await scorer.score(), await matcher.match()];
      const { values } = await trainer.adapter();
      const attached = await attachAdapter(base.gpu, base.config, run(), values);
      // The same passes with the same values, so the same bits.
      expect(live).toEqual(await scoreChoices(base, letterTokenizer, CHOICES, { adapter: attached }));
      expect(answers).toEqual(await matchExactly(base, letterTokenizer, EXACT, { adapter: attached }));
      attached.destroy();
      sums.push(live.flatMap(({ logLikelihoods }) => logLikelihoods));
    }
    expect(sums[1]).not.toEqual(sums[0]);
    expect(sums[2]).not.toEqual(sums[1]);
    scorer.destroy();
    matcher.destroy();
    trainer.destroy();
  });
});
