import 'fake-indexeddb/auto';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { Command, RunEvent } from '../../src/worker/protocol';
import type { RunArchive } from '../../src/worker/archive';
import { browserArchive } from '../../src/storage/runs/archive';
import { Keeper } from '../../src/worker/keeper';
import { RunLog } from '../../src/worker/runLog';
import { browserLibrary } from '../../src/storage/runs/library';
import { readRunFile, writeRunFile } from '../../src/storage/runs/runFile';
import { Session } from '../../src/worker/session';
import { createFakeEngine } from '../support/fakeEngine';
import { DATA, finished, MODEL, RUN, seen, textSource, unzipped } from '../support/session';

const KEEP = { id: 'one', name: 'MASA on clerk', caption: 'MASA, r 8' };

beforeEach(() => {
  const estimate = () => Promise.resolve({ usage: 10, quota: 1e9 });
  vi.stubGlobal('navigator', { storage: { estimate } });
});

/** A worker with model and data, on the given archive. */
async function worker(archive: RunArchive = browserArchive(), data = DATA) {
  const fake = createFakeEngine(40);
  const events: RunEvent[] = [];
  const session = new Session(fake.engine, {} as GPU, (event) => events.push(event), archive);
  const handle = (command: Command) => session.handle(command);
  await handle({ type: 'loadModel', source: MODEL });
  await handle({ type: 'loadData', source: data });
  const train = (id: string) =>
    handle({ type: 'train', runId: 1, run: RUN, prompt: 'Tom', keep: { ...KEEP, id } });
  return { handle, train, events, fake };
}

const kept = async (id: string) => (await browserArchive().read(id))!;
const untilStatus = (id: string, status: string) =>
  vi.waitFor(async () => {
    expect((await kept(id)).run.status).toBe(status);
  });

describe('a run that is kept', () => {
  it('is there with settings, curves, texts and snapshot when it is done', async () => {
    const { train, events, handle } = await worker();
    await train('done');
    await finished(events);
    await untilStatus('done', 'done');
    const { run, log, moments, snapshot } = await kept('done');
    expect(run).toMatchObject({ ...KEEP, id: 'done', steps: 6, settings: RUN, lastLoss: 2 - 6 / 100 });
    expect(log.map(({ step }) => step)).toEqual([0, 1, 2, 3, 4, 5, 6]);
    expect(log.at(-1)).toMatchObject({ val_loss: 3 - 6 / 100 });
    expect(run.finalValidation).toBe(3 - 6 / 100);
    expect(moments.map(({ kind, step }) => `${kind} ${step}`)).toEqual(
      expect.arrayContaining(['before 0', 'after 2', 'after 6']),
    );
    expect(snapshot?.step).toBe(6);
    expect((await browserLibrary().list()).map(({ id }) => id)).toContain('done');
    const { data, model } = await browserLibrary().sources('done');
    expect(model).toMatchObject({ kind: 'files', name: MODEL.name });
    expect(data?.kind === 'files' && (await data.files[0]?.text())?.length).toBeGreaterThan(0);
    const { log: lines } = await unzipped(() => handle({ type: 'exportKept', id: 'done' }));
    expect(lines).toHaveLength(7);
  });

  it('goes on in another worker from its last snapshot, and is marked', async () => {
    const first = await worker();
    let die: () => void = () => undefined;
    // The first worker hangs in step 5 for ever, as if it had been killed.
    first.fake.beforeStep(5, () => new Promise<void>((resolve) => (die = resolve)));
    await first.train('cut');
    await vi.waitFor(async () => {
      expect((await kept('cut')).run.steps).toBe(3); // save_steps
    });
    const second = await worker();
    await second.handle({ type: 'continueRun', runId: 2, id: 'cut', paused: false });
    await finished(second.events);
    await untilStatus('cut', 'done');
    expect(second.fake.calls).toContain('createTrainer from 3');
    const { run, log } = await kept('cut');
    expect(run.marks).toEqual([{ step: 3, kind: 'continued', label: 'continued here' }]);
    expect(log.map(({ step }) => step)).toEqual([0, 1, 2, 3, 4, 5, 6]);
    expect(log[4]).toMatchObject({ val_loss: 3 - 4 / 100 });
    die();
  });

  it('waits in another worker where it was paused', async () => {
    const first = await worker();
    first.fake.beforeStep(3, () => first.handle({ type: 'pause', runId: 1 }).then(() => undefined));
    await first.train('held');
    await untilStatus('held', 'paused');
    const second = await worker();
    await second.handle({ type: 'continueRun', runId: 2, id: 'held', paused: true });
    expect(await seen(second.events, ({ type }) => type === 'paused')).toMatchObject({ step: 3 });
    await second.handle({ type: 'resume', runId: 2 });
    await finished(second.events);
    await untilStatus('held', 'done');
    expect((await kept('held')).run.marks.map(({ kind }) => kind)).toEqual(['paused', 'resumed']);
  });

  it('takes another learning rate in a pause, marks it, and goes on with it in another worker', async () => {
    const first = await worker();
    const rate = (handle: typeof first.handle, runId: number, learning_rate: number) =>
      handle({ type: 'setLearningRate', runId, learning_rate });
    first.fake.beforeStep(3, async () => {
      await expect(rate(first.handle, 1, 2e-3)).rejects.toThrow(/^learning_rate: .+; pause the run first\.$/);
      await first.handle({ type: 'pause', runId: 1 });
    });
    await first.train('rate');
    await untilStatus('rate', 'paused');
    await expect(rate(first.handle, 1, -1)).rejects.toThrow(/^learning_rate: /);
    // There and back and there again: each is a mark.
    for (const value of [2e-3, RUN.learning_rate, 2e-3]) await rate(first.handle, 1, value);
    const second = await worker();
    await second.handle({ type: 'continueRun', runId: 2, id: 'rate', paused: true });
    await seen(second.events, ({ type }) => type === 'paused');
    await second.handle({ type: 'resume', runId: 2 });
    await finished(second.events);
    await untilStatus('rate', 'done');
    const { run, log, snapshot } = await kept('rate');
    const there = `learning rate ${RUN.learning_rate} → 0.002`;
    const back = `learning rate 0.002 → ${RUN.learning_rate}`;
    const labels = run.marks
      .filter(({ kind, step }) => kind === 'rate' && step === 3)
      .map(({ label }) => label);
    expect(labels).toEqual([there, back, there]);
    expect([run.settings, snapshot?.run]).toEqual(Array(2).fill({ ...RUN, learning_rate: 2e-3 }));
    const rates = log.slice(1).map(({ learning_rate }) => learning_rate);
    expect(rates).toEqual([...Array<number>(3).fill(RUN.learning_rate), 2e-3, 2e-3, 2e-3]);
  });

  it('is not gone on with on other data', async () => {
    const { handle } = await worker(
      browserArchive(),
      textSource('other.jsonl', '{"text":"once"}\n'.repeat(50)),
    );
    await expect(handle({ type: 'continueRun', runId: 2, id: 'cut', paused: false })).rejects.toThrow(
      /^MASA on clerk: it learns clerk\.jsonl with world-small; choose these two/,
    );
  });

  it('trains on when there is no room, says so once, keeps what it had, and writes the rest when there is', async () => {
    const real = browserArchive();
    let isFull = false;
    const archive: RunArchive = {
      ...real,
      // A few lines would still find room.
      save: (id, change) =>
        isFull && change.snapshot !== undefined
          ? Promise.reject(new DOMException('full', 'QuotaExceededError'))
          : real.save(id, change),
    };
    const { train, events, fake, handle } = await worker(archive);
    fake.beforeStep(4, async () => {
      await seen(events, (event) => event.type === 'kept' && event.step === 3);
      isFull = true;
    });
    await train('full');
    expect(await finished(events)).toMatchObject({ type: 'done', step: 6 });
    const said = events.filter(({ type }) => type === 'unkept');
    expect(said).toHaveLength(1);
    expect(said[0]).toMatchObject({
      message: expect.stringMatching(
        /no room left .* kept up to step 3; it trains on; delete .*\.$/,
      ) as string,
    });
    expect((await kept('full')).snapshot?.step).toBe(3);
    isFull = false;
    const late = { timeout: 20_000 }; // it is tried again every few seconds
    await vi.waitFor(async () => {
      expect(await kept('full')).toMatchObject({ run: { status: 'done', steps: 6 }, snapshot: { step: 6 } });
    }, late);
    expect(events.at(-1)).toMatchObject({ type: 'kept', step: 6 });
    await handle({ type: 'sample', runId: 1, prompt: 'Ann' });
    await vi.waitFor(async () => {
      expect(
        (await kept('full')).moments.some((moment) => 'prompt' in moment && moment.prompt === 'Ann'),
      ).toBe(true);
    });
  });
});

describe('what waits to be written', () => {
  const full = () => Promise.reject(new DOMException('full', 'QuotaExceededError'));

  it('is tried again by itself until another run takes the place of its own', async () => {
    vi.useFakeTimers();
    const save = vi.fn(full);
    const archive = { ...browserArchive(), save };
    const as = { id: 'waits', runId: 1, archive, create: undefined, log: new RunLog(), post: vi.fn() };
    const keeper = new Keeper(as, { step: 0, marks: [] });
    await keeper.save('stopped');
    await vi.advanceTimersByTimeAsync(6000);
    expect(save).toHaveBeenCalledTimes(2);
    keeper.close();
    await vi.advanceTimersByTimeAsync(60_000);
    await keeper.save();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(save).toHaveBeenCalledTimes(3);
    vi.useRealTimers();
  });

  it('waits no longer when another run begins', async () => {
    const close = vi.spyOn(Keeper.prototype, 'close');
    const { train, events } = await worker();
    await train('before');
    await finished(events);
    expect(close).not.toHaveBeenCalled();
    await train('next');
    expect(close).toHaveBeenCalledOnce();
    await finished(events, 2);
  });
});

describe('a run whose sources cannot be kept at first', () => {
  it.each(['renamed', 'deleted'])('stays %s when they are tried again', async (change) => {
    const [id, library, real] = [`sources ${change}`, browserLibrary(), browserArchive()];
    const keepSources = vi.fn<RunArchive['keepSources']>((run, sources) => real.keepSources(run, sources));
    keepSources.mockImplementationOnce(async () => {
      await (change === 'renamed' ? library.label(id, { name: 'mine' }) : library.erase(id));
      throw new DOMException('full', 'QuotaExceededError');
    });
    const { train, events } = await worker({ ...real, keepSources });
    await train(id);
    await finished(events);
    await seen(events, (event) => event.type === 'kept' && event.step === 6);
    expect((await library.find(id))?.name).toBe(change === 'renamed' ? 'mine' : undefined);
    expect((await library.sources(id)).model?.name).toBe(change === 'renamed' ? MODEL.name : undefined);
  });
});

describe('the library', () => {
  it('renames, deletes, brings back, and gives room back', async () => {
    const library = browserLibrary();
    await library.label('done', { name: 'mine', note: 'good', pinned: true });
    expect(await library.find('done')).toMatchObject({ name: 'mine', note: 'good', pinned: true });
    await library.remove('done');
    expect((await library.list()).map(({ id }) => id)).not.toContain('done');
    await library.restore('done');
    expect((await library.list()).map(({ id }) => id)).toContain('done');
    await library.dropSnapshots(['held']);
    expect(await library.snapshot('held')).toBeUndefined();
    expect(await library.find('held')).toMatchObject({ snapshotBytes: 0 });
    const bytes = (await library.list()).map((run) => [run.id, run.snapshotBytes > 0]);
    expect(Object.fromEntries(bytes)).toMatchObject({ held: false, done: true });
    expect((await library.history('held')).log).toHaveLength(7);
    await library.remove('held');
    await library.purge();
    expect(await library.find('held')).toBeUndefined();
    expect((await library.history('held')).log).toEqual([]);
    expect((await library.sources('done')).model).toBeDefined();
  });
});

describe('the file of a run', () => {
  const file = async () => {
    const { run, log, moments } = await kept('done');
    return { run, log, moments, snapshot: await browserLibrary().snapshot('done') };
  };
  const blob = (bytes: Uint8Array<ArrayBuffer>) => new File([bytes], 'mine.zip');

  it('holds all of it', async () => {
    const whole = await file();
    const read = await readRunFile(blob(writeRunFile(whole)), 'two');
    expect(read.run).toEqual({ ...whole.run, id: 'two' });
    expect(read.log).toEqual(whole.log);
    expect(read.moments).toEqual(whole.moments);
    expect(Buffer.compare(read.snapshot!, whole.snapshot!)).toBe(0);
  });

  it('holds the load of each expert, and leaves out what is none', async () => {
    const whole = await file();
    const withLoads = (loads: readonly unknown[]) => ({
      ...whole,
      log: whole.log.map((line, at) => ({ ...line, expert_load: loads[at] ?? [0.25, 0.75] })) as never,
    });
    const read = async (loads: readonly unknown[]) =>
      (await readRunFile(blob(writeRunFile(withLoads(loads))), 'two')).log.map((line) => line.expert_load);
    const all = await read([]);
    expect(new Set(all.map((loads) => loads?.join()))).toEqual(new Set(['0.25,0.75']));
    const bad = ['much', [0.5, 'half'], Array(RUN.num_experts + 1).fill(0.1)];
    expect((await read(bad)).slice(0, 4)).toEqual([undefined, undefined, undefined, [0.25, 0.75]]);
  });

  it.each<[string, (whole: Awaited<ReturnType<typeof file>>) => unknown]>([
    ['its snapshot is of another run', (whole) => ({ ...whole, run: { ...whole.run, steps: 7 } })],
    ['its curves are damaged', (whole) => ({ ...whole, log: whole.log.toReversed() })],
    ['its record is incomplete', (whole) => ({ ...whole, run: { ...whole.run, prompt: 4 } })],
    ['is too large', (whole) => ({ ...whole, run: { ...whole.run, settings: { ...RUN, r: 1e9 } } })],
  ])('is refused where %s', async (problem, alter) => {
    const bytes = writeRunFile(alter(await file()) as never);
    await expect(readRunFile(blob(bytes), 'two')).rejects.toThrow(new RegExp(`^[^\n]*${problem}[^\n]*\\.$`));
  });

  it('is refused where it is no zip, is cut, or holds something else', async () => {
    const bytes = writeRunFile(await file());
    for (const part of [bytes.slice(0, 500), new TextEncoder().encode('hello')]) {
      await expect(readRunFile(blob(part), 'two')).rejects.toThrow(
        /^mine\.zip: it is no zip, or cut short; .*\.$/,
      );
    }
  });
});
