import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openFolder } from '../../../src/cli/files';
import { readChoiceBenchmark } from '../../../src/engine/eval/benchmark';
import { tokenizeContinuations } from '../../../src/engine/eval/continuation';
import { openHfCheckpoint } from '../../../src/engine/formats/hfCheckpoint';
import { describePython, runPython } from '../../support/python';
import { hasSharedData, sharedData } from '../../support/sharedData';

describePython('tokens of a continuation', () => {
  let scratch = '';
  beforeAll(() => {
    scratch = mkdtempSync(join(tmpdir(), 'masa-continuation-'));
  });
  afterAll(() => {
    rmSync(scratch, { recursive: true });
  });

  it.skipIf(!hasSharedData)('are those that HFLM feeds, also where the prompt is too long', async () => {
    const model = sharedData('checkpoints/story-llama-hf');
    const { tokenizer, config } = await openHfCheckpoint(await openFolder(model));
    const found = await readChoiceBenchmark(await openFolder(sharedData('datasets/mmlu-dev')), { shots: 2 });
    const prompts = found!.questions
      .map((question) => ({ ...question, size: tokenizer!.encode(question.context).length }))
      .sort((a, b) => a.size - b.size);
    // The shortest, which fit, and the longest, which lose their beginning.
    const questions = [...prompts.slice(0, 5), ...prompts.slice(-5)];
    const requests = questions.flatMap(({ context, continuations }) =>
      continuations.map((continuation) => [context, continuation] as const),
    );
    const jobs = join(scratch, 'jobs.json');
    writeFileSync(jobs, JSON.stringify([{ do: 'tokens', model, requests }]));
    const output = runPython('tests/python/lmEvalPrompts.py', [jobs]).trim().split('\n');
    const [theirs] = JSON.parse(output.at(-1)!) as number[][][];
    const ours = questions.flatMap(({ context, continuations }) =>
      tokenizeContinuations(tokenizer!, context, continuations, config.maxPositions).map(({ ids }) =>
        ids.slice(0, -1),
      ),
    );
    expect(ours).toHaveLength(40);
    expect(ours).toEqual(theirs);
    const lengths = ours.map(({ length }) => length);
    expect(Math.max(...lengths)).toBe(config.maxPositions);
    expect(Math.min(...lengths)).toBeLessThan(config.maxPositions);
  });
});
