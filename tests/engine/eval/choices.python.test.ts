import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import papaparse from 'papaparse';
import { beforeAll, expect, it } from 'vitest';
import { openFolder } from '../../../src/cli/files';
import {
  loadBaseModel,
  openDevice,
  scoreChoices,
  type BaseModel,
  type ChoiceQuestion,
} from '../../../src/engine';
import { openHfCheckpoint } from '../../../src/engine/formats/hfCheckpoint';
import { describeGpu, testGpu } from '../../support/dawn';
import { describePython, runPython } from '../../support/python';
import { hasSharedData, sharedData } from '../../support/sharedData';

/**
 * What the product promises of a log-likelihood, in nats. Logits agree to 1e-4 (model/logits.python.test.ts), and a
 * sum over a continuation of up to thirty tokens takes in as many of their differences, of either sign.
 */
const PROMISED = 1e-3;

/** [sum, whether greedy, tokens of the context, tokens of the continuation]. */
type PythonScore = readonly [number, boolean, number, number];

describePython('log-likelihoods equal those of transformers', () => {
  describeGpu('on a trained checkpoint', () => {
    const folder = sharedData('checkpoints/story-llama-hf');
    const items = hasSharedData ? mmluItems(50) : [];
    const asked = {
      letters: items.map(({ letters }) => letters),
      texts: items.slice(0, 12).map(({ texts }) => texts),
      stories: [
        question('Once upon a time', [
          ', there was a little girl named Lily. She had a toy car',
          ', there were two',
        ]),
        question('Once upon a time,  ', ['there was', 'there were two']),
        question('', ['Once upon a time', 'The']),
      ],
    };
    let base: BaseModel;
    let theirs: Readonly<Record<keyof typeof asked, readonly PythonScore[]>>;

    beforeAll(async () => {
      if (!hasSharedData) return;
      theirs = pythonScores(folder, asked);
      const gpu = await openDevice((await testGpu())!);
      base = await loadBaseModel(gpu, await openHfCheckpoint(await openFolder(folder)));
    });

    async function check(name: keyof typeof asked) {
      const results = await scoreChoices(base, base.tokenizer!, asked[name]);
      const ours = results.flatMap(({ logLikelihoods }) => logLikelihoods);
      const worst = Math.max(...ours.map((sum, i) => Math.abs(sum - theirs[name][i]![0])));
      expect(worst).toBeLessThan(PROMISED);
      expect(results.flatMap(({ isGreedy }) => isGreedy)).toEqual(
        theirs[name].map(([, isGreedy]) => isGreedy),
      );
    }

    it.skipIf(!hasSharedData)('for 50 MMLU items, many of whose prompts are cut at the left', async () => {
      await check('letters');
      const longest = base.config.maxPositions;
      const cut = theirs.letters.filter(([, , before, behind]) => before + behind > longest + 1).length;
      expect(cut).toBeGreaterThan(theirs.letters.length / 4);
      expect(cut).toBeLessThan(theirs.letters.length);
    });

    it.skipIf(!hasSharedData)(
      'for some of these items with their answers in full, which have many tokens',
      async () => {
        await check('texts');
        expect(Math.max(...theirs.texts.map(([, , , behind]) => behind))).toBeGreaterThan(20);
      },
    );

    it.skipIf(!hasSharedData)('for stories, behind blanks and behind no context too', () => check('stories'));
  });
});

/** Scores all groups in one run of Python, whose start takes longer than the model. */
function pythonScores<Name extends string>(
  folder: string,
  groups: Readonly<Record<Name, readonly ChoiceQuestion[]>>,
): Record<Name, readonly PythonScore[]> {
  const entries = (Object.entries(groups) as [Name, readonly ChoiceQuestion[]][]).map(([name, questions]) => {
    const pairs = questions.flatMap(({ context, continuations }) =>
      continuations.map((continuation) => [context, continuation]),
    );
    return [name, pairs] as const;
  });
  const file = join(tmpdir(), `masa-loglikelihood-${process.pid}.json`);
  writeFileSync(file, JSON.stringify(entries.flatMap(([, pairs]) => pairs)));
  const scores = JSON.parse(runPython('tests/python/loglikelihood.py', [folder, file])) as PythonScore[];
  rmSync(file);
  const taken = entries.map(([name, pairs]) => [name, scores.splice(0, pairs.length)] as const);
  return Object.fromEntries(taken) as unknown as Record<Name, readonly PythonScore[]>;
}

function question(context: string, continuations: readonly string[]): ChoiceQuestion {
  const lengths = continuations.map(({ length }) => length);
  return { task: 'any', context, continuations, lengths, answer: 0, chance: 1 / continuations.length };
}

/** One item of each of `count` subjects, behind so many of the subject's other items as its number has it. */
function mmluItems(count: number) {
  const folder = sharedData('datasets/mmlu-dev');
  const files = readdirSync(folder).sort().slice(0, count);
  expect(files).toHaveLength(count);
  return files.map((file, index) => {
    const text = readFileSync(join(folder, file), 'utf8');
    const { data } = papaparse.parse<string[]>(text, { skipEmptyLines: true });
    const [own, ...others] = data.slice(1).map((row) => {
      const choices = row.slice(1, 5);
      const prompt = [
        row[0]!.trim(),
        ...choices.map((choice, i) => `${'ABCD'[i]!}. ${choice}`),
        'Answer:',
      ].join('\n');
      return { prompt, choices, shot: `${prompt} ${'ABCD'[Number(row[5])]!}` };
    });
    const context = [...others.slice(0, index % 5).map(({ shot }) => shot), own!.prompt].join('\n\n');
    return {
      letters: question(context, [' A', ' B', ' C', ' D']),
      texts: question(
        context,
        own!.choices.map((choice) => ` ${choice}`),
      ),
    };
  });
}
