import { describe, expect, it } from 'vitest';
import type { EvaluationInfo, FileSource, QuestionsInfo } from '../../src/worker/protocol';
import { CLERK, finished, ready, seen, textSource } from '../support/session';

const asking = (calls: readonly string[]) => calls.filter((call) => call.startsWith('ask'));

describe('the watched questions of a run', () => {
  it('are asked of the adapter before the first step, now and then, and at the end', async () => {
    const { train, events } = await ready(CLERK);
    await train();
    await finished(events);
    const accuracies = events.flatMap((event) => (event.type === 'accuracy' ? [event] : []));
    expect(accuracies.map(({ step }) => step)).toEqual([0, 2, 4, 6]);
    for (const { mean, byTask } of accuracies) {
      expect(byTask).toHaveLength(1);
      expect(byTask[0]).toEqual({ ...mean, id: 'clerk' });
      expect(mean).toMatchObject({ n: 20, chance: 0.25 });
      expect(mean.ci[0]).toBeLessThanOrEqual(mean.acc);
      expect(mean.ci[1]).toBeGreaterThanOrEqual(mean.acc);
    }
  });

  it('are left by a pause, asked anew after it, and left for good by a stop', async () => {
    const { train, events, handle, fake, calls } = await ready(CLERK);
    const release = fake.holdQuestions();
    await train();
    await seen(events, (event) => event.type === 'asking');
    await handle({ type: 'pause', runId: 1 });
    release();
    await seen(events, (event) => event.type === 'paused');
    expect(events.some((event) => event.type === 'accuracy')).toBe(false);
    const letGo = fake.holdQuestions();
    await handle({ type: 'resume', runId: 1 });
    await seen(events, (event) => event.type === 'asking', 2);
    expect(asking(calls)).toHaveLength(2);
    await handle({ type: 'stop', runId: 1 });
    letGo();
    expect(await finished(events)).toEqual({ type: 'done', runId: 1, step: 0, stopped: true });
    expect(events.some((event) => event.type === 'accuracy')).toBe(false);
  });

  it('are none where the data is a file', async () => {
    const { train, events, calls } = await ready();
    await train();
    await finished(events);
    expect(asking(calls)).toEqual([]);
    expect(events.some((event) => event.type === 'accuracy')).toBe(false);
  });
});

describe('all held-out questions', () => {
  it('are asked of the base model and of the adapter after a run', async () => {
    const { train, events, handle, calls } = await ready(CLERK);
    await train();
    await finished(events);
    calls.length = 0;
    const info = (await handle({ type: 'evaluate', runId: 1, source: CLERK })) as EvaluationInfo;
    expect(calls).toEqual([
      ...['questions 200', 'ask base', 'destroy questions'],
      ...['questions 200', 'ask adapter', 'destroy questions'],
    ]);
    expect(info).toMatchObject({
      model: 'world-small',
      questions: { name: 'clerk', form: 'choice', count: 200, tasks: 1 },
      before: { mean: { n: 200, chance: 0.25 } },
      after: { step: 6, mean: { n: 200, chance: 0.25 } },
    });
    expect(info.after!.mean.acc).toBeGreaterThan(info.before.mean.acc);
    const progress = events.flatMap((event) => (event.type === 'evaluating' ? [event.done] : []));
    expect(progress).toEqual([1, 2, 3, 4]);
  });

  it('can be stopped; nothing else may use the GPU meanwhile', async () => {
    const { train, handle, fake, events } = await ready();
    const release = fake.holdQuestions();
    const answer = handle({ type: 'evaluate', runId: 0, source: CLERK });
    await seen(events, (event) => event.type === 'evaluating');
    await expect(train()).rejects.toThrow('Train: questions are being asked; stop that first.');
    await handle({ type: 'stopEvaluation' });
    release();
    expect(await answer).toBeUndefined();
    await train();
    expect(await finished(events)).toMatchObject({ type: 'done', step: 6 });
  });

  it('are not asked while a run is under way', async () => {
    const { train, handle, fake } = await ready();
    const release = fake.holdSteps();
    await train();
    const asked = handle({ type: 'evaluate', runId: 1, source: CLERK });
    await expect(asked).rejects.toThrow(/a run is under way/);
    release();
  });
});

describe('questions in files', () => {
  const mmlu = textSource('birds_test.csv', 'Which bird sings?,a wren,a stone,a mill,a cup,A\n'.repeat(3));

  it.each([
    [mmlu, { form: 'choice', format: 'mmlu', count: 3, tasks: 1 }],
    [
      textSource('sums.jsonl', '{"question":"1 + 1?","answer":"It is 2.\\n#### 2"}\n'),
      { form: 'exact', format: 'gsm8k', count: 1, tasks: 1 },
    ],
  ] satisfies [FileSource, Partial<QuestionsInfo>][])('of %o are recognised', async (source, info) => {
    const { handle } = await ready();
    expect(await handle({ type: 'loadQuestions', source })).toMatchObject(info);
  });

  it('are asked of the base model alone where nothing was trained', async () => {
    const { handle, calls } = await ready();
    const info = (await handle({ type: 'evaluate', runId: 0, source: mmlu })) as EvaluationInfo;
    expect(info).toMatchObject({ after: undefined, before: { mean: { n: 3 } } });
    expect(asking(calls)).toEqual(['ask base']);
  });

  it('are not seen in a file without any', async () => {
    const { handle } = await ready();
    const source = textSource('tale.txt', 'Once upon a time.');
    expect(await handle({ type: 'loadQuestions', source })).toBeUndefined();
    await expect(handle({ type: 'evaluate', runId: 0, source })).rejects.toThrow(/^tale\.txt: no questions/);
  });
});
