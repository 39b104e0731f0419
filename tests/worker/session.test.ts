import { describe, expect, it, vi } from 'vitest';
import { UserError } from '../../src/config/errors';
import { adapterLayout } from '../../src/engine/adapters/layout';
import { memorySource } from '../../src/engine/formats/byteSource';
import { openSafetensors } from '../../src/engine/formats/safetensors';
import { readSnapshot } from '../../src/engine/train/snapshot';
import { findScenario } from '../../src/scenarios/table';
import type { Command, FileSource, ModelInfo, DataInfo, PlanInfo } from '../../src/worker/protocol';
import { Session } from '../../src/worker/session';
import { createFakeEngine } from '../support/fakeEngine';
import { CLERK, finished, MODEL, ready, RUN, seen, text, textSource, unzipped } from '../support/session';

describe('the session of the worker', () => {
  it('says what a model and a data set are', async () => {
    const { handle } = await ready();
    const model = (await handle({ type: 'loadModel', source: MODEL })) as ModelInfo;
    expect(model.config.layers).toBe(8);
    expect(model.dtype).toBe('BF16');
    expect(model.bytes).toBe(model.parameters * 2);
    const data = (await handle({ type: 'loadData', source: CLERK })) as DataInfo;
    const { records } = findScenario('clerk')!;
    expect(data).toMatchObject({ name: 'clerk', records, skipped: 0, tasks: ['clerk'] });
    for (const example of data.examples) {
      expect(example.pieces.map((piece) => piece.trained)).toEqual([false, true]);
      expect(example.pieces[0]?.text).toMatch(/^Q: .+\nA:$/s);
    }
    expect(data.examples.map((example) => example.pieces[0]?.text)).toContain(data.prompt);
  });

  it('tells the labels of a data set that has several, and the label of each example', async () => {
    const { handle } = await ready();
    const source: FileSource = { kind: 'scenario', id: 'reasoning', name: 'reasoning' };
    const { tasks, examples } = (await handle({ type: 'loadData', source })) as DataInfo;
    expect(tasks).toHaveLength(12);
    expect(examples.map(({ task }) => task)).toEqual(tasks.slice(0, 3));
  });

  it('plans a run before anything is on the GPU', async () => {
    const { handle, calls } = await ready();
    const { trainableParameters, baseParameters, bytes, largest } = (await handle({
      type: 'plan',
      run: RUN,
    })) as PlanInfo;
    const model = (await handle({ type: 'loadModel', source: MODEL })) as ModelInfo;
    expect(trainableParameters).toBe(adapterLayout(RUN, model.config).size);
    expect(baseParameters).toBe(model.parameters);
    const { total, ...parts } = bytes;
    expect(Object.values(parts).reduce((sum, part) => sum + part, 0)).toBe(total);
    expect(largest.bytes).toBeGreaterThan(total / 100);
    expect(largest.bytes).toBeLessThan(Math.min(total, largest.limit));
    expect(calls).toEqual([]);
  });

  it('trains to the end: before, validation, steps, after', async () => {
    const { train, events, calls } = await ready(CLERK);
    await train();
    expect(await finished(events)).toEqual({ type: 'done', runId: 1, step: 6, stopped: false });
    expect(calls).toEqual([
      'openDevice',
      'loadBaseModel',
      'createTrainer from 0',
      'questions 20',
      'validate 0',
      'ask adapter',
      'step 1',
      'step 2',
      'validate 2',
      'ask adapter',
      'step 3',
      'snapshot 3',
      'step 4',
      'validate 4',
      'ask adapter',
      'step 5',
      'step 6',
      'snapshot 6',
      'validate 6',
      'ask adapter',
    ]);
    const kinds = events.map((event) => event.type).filter((type, index, all) => type !== all[index - 1]);
    expect(kinds.slice(0, 5)).toEqual(['prepared', 'loading', 'compiling', 'running', 'sample']);
    const prepared = events.find((event) => event.type === 'prepared');
    expect(prepared?.data).toMatchObject({ trainExamples: 3800, validationExamples: 200, skipped: 0 });
    const before = events.find((event) => event.type === 'sample' && event.complete);
    expect(before).toMatchObject({ when: 'before', step: 0 });
    const after = events.filter(
      (event) => event.type === 'sample' && event.complete && event.when === 'after',
    );
    expect(after.map((event) => (event.type === 'sample' ? event.step : -1))).toEqual([2, 4, 6]);
  });

  it('logs as seldom as it is told, and the last step in any case', async () => {
    const { train, events } = await ready();
    await train({ logging_steps: 4 });
    await finished(events);
    const logged = events.flatMap((event) => (event.type === 'step' ? [event.point.step] : []));
    expect(logged).toEqual([4, 6]);
  });

  it('pauses after the step under way, keeps a snapshot, and goes on', async () => {
    const { train, events, handle, fake, calls } = await ready();
    const release = fake.holdSteps();
    await train();
    await seen(events, (event) => event.type === 'validation');
    await handle({ type: 'pause', runId: 1 });
    release();
    await seen(events, (event) => event.type === 'paused');
    expect(calls.filter((call) => call.startsWith('step'))).toEqual(['step 1']);
    expect(calls.at(-1)).toBe('snapshot 1');
    await handle({ type: 'resume', runId: 1 });
    expect(await finished(events)).toMatchObject({ type: 'done', step: 6, stopped: false });
    expect(calls.filter((call) => call.startsWith('step'))).toHaveLength(6);
  });

  it('stops after the step under way, also out of a pause', async () => {
    const { train, events, handle, fake } = await ready();
    const release = fake.holdSteps();
    await train();
    await seen(events, (event) => event.type === 'validation');
    await handle({ type: 'pause', runId: 1 });
    release();
    await seen(events, (event) => event.type === 'paused');
    await handle({ type: 'stop', runId: 1 });
    expect(await finished(events)).toEqual({ type: 'done', runId: 1, step: 1, stopped: true });
  });

  it('stops while the model is being loaded', async () => {
    const { train, events, handle, fake } = await ready();
    const load = fake.engine.loadBaseModel;
    vi.spyOn(fake.engine, 'loadBaseModel').mockImplementation(async (gpu, checkpoint, onProgress, signal) => {
      await new Promise((resolve) => signal?.addEventListener('abort', resolve));
      signal?.throwIfAborted();
      return load(gpu, checkpoint, onProgress, signal);
    });
    await train();
    await seen(events, (event) => event.type === 'loading');
    await handle({ type: 'stop', runId: 1 });
    expect(await finished(events)).toEqual({ type: 'done', runId: 1, step: 0, stopped: true });
  });

  it.each([
    ['never ends', () => new Promise<void>(() => undefined)],
    ['fails by itself', () => Promise.reject(new Error('mapAsync: device lost'))],
  ])('goes on from the last snapshot after the device was lost in a step that %s', async (_, outcome) => {
    const { train, events, handle, fake, calls } = await ready();
    fake.beforeStep(5, () => {
      fake.loseDevice();
      return outcome();
    });
    await train();
    expect(await finished(events)).toMatchObject({ type: 'failed', resumable: 3 });
    await handle({ type: 'resume', runId: 1 });
    expect(await finished(events, 2)).toMatchObject({ type: 'done', step: 6, stopped: false });
    expect(calls.filter((call) => call === 'openDevice')).toHaveLength(2);
    expect(calls).toContain('createTrainer from 3');
    const zip = await unzipped(handle);
    const steps = zip.log.map((line) => line.step);
    expect(steps).toEqual([0, 1, 2, 3, 4, 5, 6]);
  });

  it('says at once that the device is lost, without waiting for a step that never ends', async () => {
    const { train, events, fake } = await ready();
    fake.holdSteps();
    await train();
    await seen(events, (event) => event.type === 'validation');
    fake.loseDevice();
    const failed = await finished(events);
    expect(failed).toMatchObject({ type: 'failed', resumable: undefined });
    expect(failed.type === 'failed' && failed.message).toMatch(
      /^The run ended early: the GPU device was lost/,
    );
  });

  it('ends a run that diverges, naming the cure, and keeps what was learnt before', async () => {
    const { train, events, fake } = await ready();
    const create = fake.engine.createTrainer;
    vi.spyOn(fake.engine, 'createTrainer').mockImplementation(async (base, options) => {
      const trainer = await create(base, options);
      const step = trainer.step.bind(trainer);
      trainer.step = () =>
        trainer.stepsDone < 2
          ? step()
          : Promise.reject(new UserError('learning_rate', 'diverged', 'lower it'));
      return trainer;
    });
    await train();
    const failed = await finished(events);
    expect(failed).toMatchObject({
      type: 'failed',
      message: 'learning_rate: diverged; lower it.',
      resumable: 2,
    });
  });

  it('exports between two steps what PEFT reads and what the command can resume', async () => {
    const { train, events, handle } = await ready(CLERK);
    await train({ num_experts: 3, group_size: 3, r: 2 });
    await finished(events);
    const { files, log, name, usage } = await unzipped(handle);
    expect(name).toBe('world-small-masa-6-steps.zip');
    expect(usage).toContain('PeftModel.from_pretrained(base, "adapter")');
    expect(Object.keys(files).sort()).toEqual([
      'adapter/README.md',
      'adapter/adapter_config.json',
      'adapter/adapter_model.safetensors',
      'adapter_native.safetensors',
      'metrics.jsonl',
      'run.json',
      'snapshot.safetensors',
    ]);
    const config = JSON.parse(text(files['adapter/adapter_config.json'])) as Record<string, unknown>;
    expect(config).toMatchObject({
      peft_type: 'LORA',
      r: 2,
      lora_alpha: 16,
      base_model_name_or_path: 'world-small',
    });
    const weights = await openSafetensors(
      memorySource('weights', files['adapter/adapter_model.safetensors']!),
    );
    expect(weights.tensors.size).toBe(8 * 7 * 2);
    const snapshot = await readSnapshot(memorySource('snapshot', files['snapshot.safetensors']!));
    expect(snapshot.step).toBe(6);
    expect(JSON.parse(text(files['run.json']))).toMatchObject({
      config: { num_experts: 3, max_steps: 6 },
      base: { name: 'world-small' },
      scenario: 'clerk',
      data: { name: 'clerk' },
      results: { steps: 6 },
    });
    const accuracies = events.flatMap((event) => (event.type === 'accuracy' ? [event] : []));
    const checks = (val_loss: number) => {
      const acc = accuracies[0]?.mean.acc;
      return { val_loss, acc, acc_by_task: { clerk: acc } };
    };
    expect(log[0]).toEqual({ step: 0, ...checks(3) });
    expect(log[2]).toMatchObject({ step: 2, loss: 1.98, ...checks(2.98) });
    expect(log[1]).not.toHaveProperty('acc');
  });

  it('continues another prompt with both models when asked', async () => {
    const { train, events, handle } = await ready();
    await train();
    await finished(events);
    const count = events.length;
    await handle({ type: 'sample', runId: 1, prompt: 'Once' });
    const complete = events.slice(count).filter((event) => event.type === 'sample' && event.complete);
    expect(complete).toMatchObject([{ when: 'before' }, { when: 'after', step: 6 }]);
  });

  it('lets a sample in between two steps, long before the next validation', async () => {
    const { train, events, handle, fake } = await ready();
    fake.beforeStep(5, () => {
      void handle({ type: 'sample', runId: 1, prompt: 'Once' });
    });
    await train({ max_steps: 100, eval_steps: 0, save_steps: 0 });
    await finished(events);
    const after = events.flatMap((event) =>
      event.type === 'sample' && event.when === 'after' && event.complete ? [event.step] : [],
    );
    expect(after).toEqual([5, 100]);
  });

  it('gives the GPU of the old run back before the next one starts', async () => {
    const { train, events, calls } = await ready();
    await train();
    await finished(events);
    await train({}, 2);
    await finished(events, 2);
    expect(calls.filter((call) => call === 'destroy trainer')).toHaveLength(1);
    expect(calls.filter((call) => call === 'loadBaseModel')).toHaveLength(1);
  });
});

describe('a data file with other field names', () => {
  it('is read under the columns that are named, and the export tells which', async () => {
    const { train, events, handle } = await ready();
    const odd = textSource('odd.jsonl', '{"ask":"Who is Ada?","reply":"A baker."}\n'.repeat(40));
    const source = { ...odd, columns: 'question=ask,answer=reply' };
    expect(await handle({ type: 'loadData', source })).toMatchObject({ name: 'odd.jsonl', records: 40 });
    await train();
    await finished(events);
    const { files } = await unzipped(handle);
    const run = JSON.parse(new TextDecoder().decode(files['run.json'])) as { data: object };
    expect(run.data).toMatchObject({ name: 'odd.jsonl', columns: 'question=ask,answer=reply' });
  });
});

describe('what the session refuses, leaving everything as it was', () => {
  it.each([
    ['a broken model', { type: 'loadModel', source: textSource('config.json', '{') }, /^config\.json: /],
    [
      'a folder without a model',
      { type: 'loadModel', source: textSource('notes.txt', 'hi') },
      /^notes\.txt: /,
    ],
    ['empty data', { type: 'loadData', source: textSource('empty.jsonl', '') }, /^empty\.jsonl: /],
    [
      'data without a usable record',
      { type: 'loadData', source: textSource('odd.jsonl', '{"a":1}\n') },
      /odd\.jsonl: /,
    ],
    ['two data files', { type: 'loadData', source: MODEL }, /choose the one data file/],
    ['a setting out of range', { type: 'plan', run: { ...RUN, group_size: 9 } }, /^group_size: /],
    ['a pause of a run that is not there', { type: 'pause', runId: 7 }, /^Run: /],
    ['an export before anything was trained', { type: 'export', runId: 7 }, /^Run: /],
  ] satisfies [string, Command, RegExp][])('%s', async (_name, command, message) => {
    const { session, train, events } = await ready();
    const refusal = await session.handle(command).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(UserError);
    expect((refusal as UserError).message).toMatch(message);
    await train();
    expect(await finished(events)).toMatchObject({ type: 'done', step: 6 });
  });

  it('a second run while one is under way', async () => {
    const { train, events, fake } = await ready();
    const release = fake.holdSteps();
    await train();
    await expect(train({}, 2)).rejects.toThrow(/stop it first/);
    release();
    expect(await finished(events)).toMatchObject({ type: 'done', runId: 1, step: 6 });
  });

  it('data before there is a model to read it with', async () => {
    const session = new Session(createFakeEngine(5).engine, {} as GPU, () => undefined);
    await expect(session.handle({ type: 'loadData', source: CLERK })).rejects.toThrow(/choose a model first/);
  });

  it('a worker without WebGPU', async () => {
    const session = new Session(createFakeEngine(5).engine, undefined, () => undefined);
    await expect(session.handle({ type: 'openDevice' })).rejects.toThrow(/^WebGPU: /);
  });
});
