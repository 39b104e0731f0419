import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { bundledFiles } from '../../src/replay/record/bundledFiles';
import type { Recording } from '../../src/replay/recording';
import { ReplaySession } from '../../src/replay/session';
import type { Command, RunEvent } from '../../src/worker/protocol';
import { readRecordingFile } from '../support/recording';

const recording = readRecordingFile();
const { run, prompt, scenario } = recording;
const source = { kind: 'scenario', id: scenario, name: scenario } as const;

describe('a session that replays', () => {
  let events: RunEvent[];
  let session: ReplaySession;
  const call = (command: Command) => session.handle(command);
  const train = (change: object = {}) => call({ type: 'train', runId: 1, run, prompt, ...change });
  const types = () => [...new Set(events.map(({ type }) => type))];
  const last = () => events.at(-1);
  const steps = () => events.flatMap((event) => (event.type === 'step' ? [event.point.step] : []));
  /** Plays until something is true, or for a minute. */
  const playUntil = (isThere: () => boolean) => {
    for (let waited = 0; waited < 60_000 && !isThere(); waited += 10) vi.advanceTimersByTime(10);
    expect(isThere()).toBe(true);
  };

  async function open(of: Recording = recording): Promise<void> {
    events = [];
    session = new ReplaySession(
      () => Promise.resolve(of),
      (event) => events.push(event),
    );
    await call({ type: 'loadModel', source: await bundledFiles(of.model.name) });
    await call({ type: 'loadData', source });
  }

  beforeEach(async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
    await open();
  });

  afterEach(() => {
    vi.useRealTimers();
  });

  it('says what the run said, from its preparation to its end, in the order of a run', async () => {
    await train();
    playUntil(() => last()?.type === 'done');
    expect(types()).toEqual([
      'prepared',
      'loading',
      'compiling',
      'running',
      'sample',
      'validation',
      'asking',
      'accuracy',
      'step',
      'done',
    ]);
    expect(steps()).toEqual(recording.steps.loss.map((_, index) => index + 1));
    expect(last()).toEqual({ type: 'done', runId: 1, step: run.max_steps, stopped: false });
    expect(await call({ type: 'evaluate', runId: 1, source })).toEqual(recording.evaluation);
  });

  it('keeps its pace, and a faster one', async () => {
    await train();
    playUntil(() => steps().length === 1);
    vi.advanceTimersByTime(1000);
    expect(steps().length).toBe(1 + recording.stepsPerSecond);

    await open({ ...recording, stepsPerSecond: 1000 });
    await train();
    playUntil(() => steps().length > 0);
    vi.advanceTimersByTime(19);
    expect(steps().length).toBeGreaterThan(15);
  });

  it('pauses, goes on and is stepped as a run is', async () => {
    await train();
    playUntil(() => steps().length === 5);
    await call({ type: 'pause', runId: 1 });
    expect(last()).toEqual({ type: 'paused', runId: 1, step: 5 });
    vi.advanceTimersByTime(10_000);
    expect(steps().length).toBe(5);

    await call({ type: 'step', runId: 1 });
    expect(steps().length).toBe(6);
    expect(last()).toEqual({ type: 'paused', runId: 1, step: 6 });
    vi.advanceTimersByTime(10_000);
    expect(steps().length).toBe(6);

    await call({ type: 'resume', runId: 1 });
    playUntil(() => steps().length === 20);
    await call({ type: 'stop', runId: 1 });
    expect(last()).toEqual({ type: 'done', runId: 1, step: 20, stopped: true });
    vi.advanceTimersByTime(10_000);
    expect(last()?.type).toBe('done');
    await expect(call({ type: 'evaluate', runId: 1, source })).rejects.toThrow(/^Questions: .+ WebGPU\.$/);
  });

  it('has the norms of the latest step that was looked at', async () => {
    await train();
    expect(await call({ type: 'blockNorms', runId: 1 })).toEqual({ step: 0, norms: [] });
    playUntil(() => steps().length === 30);
    const look = recording.norms.looks.findLast(({ step }) => step <= 30)!;
    expect(await call({ type: 'blockNorms', runId: 1 })).toMatchObject({
      step: look.step,
      norms: recording.norms.names.map((name, at) => ({ name, gradient: look.gradients[at] })),
    });
  });

  it('plans settings that it cannot train, as the device of the recording would hold them', async () => {
    const [plan, larger] = [
      await call({ type: 'plan', run }),
      await call({ type: 'plan', run: { ...run, r: 16 } }),
    ] as { trainableParameters: number; largest: { limit: number } }[];
    expect(plan!.largest.limit).toBe(recording.maxBufferSize);
    expect(larger!.trainableParameters).toBe(2 * plan!.trainableParameters);
  });

  it.each<[string, Command]>([
    ['other settings', { type: 'train', runId: 1, run: { ...run, r: 4 }, prompt }],
    ['another prompt', { type: 'train', runId: 1, run, prompt: 'Once' }],
    ['a kept run', { type: 'continueRun', runId: 1, id: 'x', paused: false }],
    ['an export', { type: 'export', runId: 1 }],
    ['the experts', { type: 'inspectExperts', runId: 1, rows: 1, choice: undefined, seed: 1 }],
    ['a comparison', { type: 'askBase', id: 'x', questions: 1 }],
  ])('refuses %s in one sentence', async (_, command) => {
    await expect(call(command)).rejects.toThrow(
      /^[A-Z][\w ]+: [^.;]+; for that, open this page in a browser with WebGPU\.$/,
    );
    expect(events).toEqual([]);
  });

  it('refuses other data, and a second run beside one', async () => {
    await call({ type: 'loadData', source: { kind: 'scenario', id: 'recipes', name: 'recipes' } });
    await expect(train()).rejects.toThrow(/^Train: this browser can only replay/);
    await call({ type: 'loadData', source });
    await train();
    await expect(train({ runId: 2 })).rejects.toThrow('Replay: one is under way; stop it first.');
    await expect(call({ type: 'pause', runId: 7 })).rejects.toThrow(/no longer there/);
  });

  it('writes its texts again for its own prompt alone', async () => {
    await train();
    playUntil(() => steps().length === 25);
    events.length = 0;
    await call({ type: 'sample', runId: 1, prompt });
    expect(events).toMatchObject([
      { type: 'sample', when: 'before', step: 0, complete: true },
      { type: 'sample', when: 'after', step: 20, complete: true },
    ]);
    await expect(call({ type: 'sample', runId: 1, prompt: 'Once' })).rejects.toThrow(/^Prompt: /);
  });
});
