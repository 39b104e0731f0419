import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  attachAdapter,
  loadBaseModel,
  openChoiceScorer,
  openDevice,
  scoreChoices,
  type BaseModel,
  type ChoiceQuestion,
} from '../../../src/engine';
import { tokenizeContinuations } from '../../../src/engine/eval/continuation';
import { openScorer } from '../../../src/engine/eval/scorer';
import { assertClose } from '../../reference/compare';
import { crossEntropy } from '../../reference/crossEntropy';
import { llamaLogits, type ReferenceModel } from '../../reference/llama';
import { describeGpu, testGpu } from '../../support/dawn';
import { gradientFixture, referenceWeights } from '../../support/fixture';
import { packedRows } from '../../support/packing';
import { randomIntegers } from '../../support/random';
import { letterTokenizer } from './letterTokenizer';

/**
 * f32 against float64, as in train/parity.gpu.test.ts: some 1e-6 of the largest value; a row of another sequence, a
 * row too far or a token too far shows as 1e-1.
 */
const TOLERANCE = { maxRel: 1e-5 };

/** Of the fixtures' models. */
const POSITIONS = 256;

describeGpu('log-likelihoods of choices', () => {
  let base: BaseModel;
  let reference: ReferenceModel;
  let adapted: ReferenceModel;
  let values: Float32Array<ArrayBuffer>;

  beforeAll(async () => {
    const fixture = await gradientFixture('masa');
    base = await loadBaseModel(await openDevice((await testGpu())!), fixture.checkpoint);
    reference = { config: fixture.checkpoint.config, weights: await referenceWeights(fixture.checkpoint) };
    values = fixture.values;
    const { adapter } = fixture;
    adapted = {
      ...reference,
      adapter: { shape: adapter, loraAlpha: adapter.lora_alpha, values: Float64Array.from(values) },
    };
  });

  afterAll(() => {
    base.destroy();
  });

  /** Log-likelihood and greediness of each choice by one float64 pass over its own sequence. */
  function expected(model: ReferenceModel, questions: readonly ChoiceQuestion[]) {
    const cases = questions.flatMap(({ context, continuations }) =>
      tokenizeContinuations(letterTokenizer, context, continuations, POSITIONS),
    );
    return cases.map(({ ids, scored }) => {
      const inputs = ids.slice(0, -1);
      const targets = inputs.map((_, n) => (n < inputs.length - scored ? -100 : ids[n + 1]!));
      const batch = { tokens: inputs, targets, ...packedRows([inputs.length]) };
      const logits = llamaLogits(model, batch);
      const V = model.config.vocabSize;
      const isGreedy = targets.every((target, n) => {
        const own = logits.subarray(n * V, (n + 1) * V);
        return target < 0 || own[target] === Math.max(...own);
      });
      return { sum: -crossEntropy(logits, targets, 1).lossSum, isGreedy };
    });
  }

  async function check(model: ReferenceModel, questions: readonly ChoiceQuestion[], tolerance = TOLERANCE) {
    const attached =
      model.adapter === undefined
        ? undefined
        : await attachAdapter(base.gpu, base.config, { ...(await gradientFixture('masa')).adapter }, values);
    const results = await scoreChoices(base, letterTokenizer, questions, { adapter: attached });
    attached?.destroy();
    const wanted = expected(model, questions);
    const sums = results.flatMap(({ logLikelihoods }) => logLikelihoods);
    const wantedSums = wanted.map(({ sum }) => sum);
    assertClose(sums, wantedSums, tolerance, 'log-likelihoods');
    expect(results.flatMap(({ isGreedy }) => isGreedy)).toEqual(wanted.map(({ isGreedy }) => isGreedy));
    return results;
  }

  it('of one token, in several passes, with four choices a sequence', async () => {
    const questions = Array.from({ length: 23 }, (_, i) =>
      question(text(20 + 3 * i, i), [' a', ' b', ' c', ' d']),
    );
    await check(reference, questions);
  });

  it('of several tokens and different lengths, with an empty context among them', async () => {
    const questions = [
      ...Array.from({ length: 9 }, (_, i) =>
        question(text(3 + 5 * i, i), [text(1 + i, 50 + i), ' ab', ' a']),
      ),
      question('', ['abc', 'd']),
      question('ends with blanks  ', ['a', 'bc']),
    ];
    await check(reference, questions);
  });

  it('that greedy decoding would write, and that are one token off it', async () => {
    const context = text(12, 11);
    let greedy = '';
    for (let step = 0; step < 4; step++) {
      const { ids } = tokenizeContinuations(letterTokenizer, context + greedy, ['a'], POSITIONS)[0]!;
      const inputs = ids.slice(0, -1);
      const rows = { tokens: inputs, targets: inputs, ...packedRows([inputs.length]) };
      const last = llamaLogits(reference, rows).subarray(-reference.config.vocabSize);
      greedy += letterTokenizer.decode([last.indexOf(Math.max(...last))]);
    }
    expect(greedy).toHaveLength(4); // none of them a control token, which no text spells
    const [result] = await check(reference, [question(context, [greedy, `${greedy.slice(0, -1)}~`])]);
    expect(result?.isGreedy).toEqual([true, false]);
  });

  it('behind a context that is too long, which loses its beginning', async () => {
    const long = text(400, 5);
    const results = await check(reference, [
      question(long, [' abc', ' d']),
      question(text(30, 6), [' a', ' b']),
    ]);
    expect(results.map(({ isCut }) => isCut)).toEqual([true, false]);
    const cut = await scoreChoices(base, letterTokenizer, [question(text(9, 8) + long, [' abc', ' d'])]);
    // The other's beginning is gone, so that the same tokens are left; they lie in rows of their own both times.
    assertClose(cut[0]!.logLikelihoods, results[0]!.logLikelihoods, TOLERANCE, 'after the cut');
  });

  it('with an adapter', async () => {
    const questions = Array.from({ length: 7 }, (_, i) => question(text(11 + i, i), [' a', ' bcd']));
    const plain = await check(reference, questions);
    const withAdapter = await check(adapted, questions);
    expect(withAdapter[0]?.logLikelihoods).not.toEqual(plain[0]?.logLikelihoods);
  });

  it('whatever the other questions are, to f32 rounding', async () => {
    const all = Array.from({ length: 30 }, (_, i) => question(text(5 + 2 * i, i), [' a', ' bcd']));
    const together = await scoreChoices(base, letterTokenizer, all);
    for (const index of [0, 7, 29]) {
      const [alone] = await scoreChoices(base, letterTokenizer, [all[index]!]);
      // Not to the bit: where a sequence lies in its pass decides which of its keys share a tile of the attention's
      // running softmax, and the number of rows which GEMM kernel is chosen; both change the order of sums.
      assertClose(together[index]!.logLikelihoods, alone!.logLikelihoods, TOLERANCE, `question ${index}`);
    }
  });

  it('with the embedding, the hidden state and the head bound in slices, and few rows of logits at once', async () => {
    const questions = Array.from({ length: 7 }, (_, i) => question(text(30 + i, i), [' a', text(20, i)]));
    const continuations = questions.flatMap(({ context, continuations: choices }) =>
      tokenizeContinuations(letterTokenizer, context, choices, POSITIONS),
    );
    const scorer = await openScorer(base, continuations, undefined, 7424);
    const sums = (await scorer.score()).map(({ logLikelihood }) => logLikelihood);
    scorer.destroy();
    const wanted = expected(reference, questions).map(({ sum }) => sum);
    assertClose(sums, wanted, TOLERANCE, 'log-likelihoods');
  });

  describe('asked more than once', () => {
    const questions = Array.from({ length: 30 }, (_, i) => question(text(40, i), [' a', ' bcd']));

    it('repeat to the bit, and report how far they are', async () => {
      const scorer = await openChoiceScorer(base, letterTokenizer, questions);
      const seen: number[][] = [];
      const first = await scorer.score({ onProgress: (done, total) => seen.push([done, total]) });
      expect(await scorer.score()).toEqual(first);
      scorer.destroy();
      expect(seen.length).toBeGreaterThan(1);
      expect(seen.at(-1)).toEqual([60, 60]);
    });

    it('stop between passes when they are told to', async () => {
      const stop = new AbortController();
      const scorer = await openChoiceScorer(base, letterTokenizer, questions);
      const onProgress = () => {
        stop.abort(new Error('enough'));
      };
      await expect(scorer.score({ onProgress, signal: stop.signal })).rejects.toThrow('enough');
      expect(await scorer.score()).toHaveLength(30);
      scorer.destroy();
    });
  });

  it('are refused for no question at all', async () => {
    await expect(scoreChoices(base, letterTokenizer, [])).rejects.toThrow('questions: there is none;');
  });
});

function question(context: string, continuations: readonly string[]): ChoiceQuestion {
  const lengths = continuations.map((choice) => choice.trim().length);
  return { task: 'letters', context, continuations, lengths, answer: 0, chance: 1 / continuations.length };
}

/** A random text without blanks at its end. */
function text(length: number, seed: number): string {
  const ids = Array.from(randomIntegers(length, 26, seed + 1));
  return String.fromCharCode(...ids.map((id) => 97 + id));
}
