import { expect, test } from 'vitest';
import { runQueue, type JobOutcome, type JobStore } from '../../src/compare/queue';

/** A store in memory, and a runner that notes what it is asked to do. */
function playground() {
  const kept = new Map<string, JobOutcome<number>>();
  const store: JobStore<number> = {
    read: (id) => Promise.resolve(kept.get(id)),
    write: (id, outcome) => {
      kept.set(id, outcome);
      return Promise.resolve();
    },
  };
  const done: string[] = [];
  const events: string[] = [];
  const run = (ids: readonly string[], work: (id: string, stop: () => void) => number) => {
    const stop = new AbortController();
    return runQueue(
      ids.map((id) => ({ id })),
      {
        store,
        signal: stop.signal,
        onEvent: ({ type, job, index, total }) => events.push(`${type} ${job.id} ${index + 1}/${total}`),
        execute: async ({ id }) => {
          await Promise.resolve();
          done.push(id);
          const result = work(id, () => {
            stop.abort(new Error('stopped'));
          });
          stop.signal.throwIfAborted();
          return result;
        },
      },
    );
  };
  return { run, kept, done, events };
}

test('stopped in the middle and started again, it leaves out what is finished', async () => {
  const { run, kept, done, events } = playground();
  const ids = ['a', 'b', 'c'];
  const first = await run(ids, (id, stop) => {
    if (id === 'b') stop();
    return id.charCodeAt(0);
  });
  expect([...first.keys()]).toEqual(['a']);
  expect([...kept.keys()]).toEqual(['a']);
  const second = await run(ids, (id) => id.charCodeAt(0));
  expect(done).toEqual(['a', 'b', 'b', 'c']);
  expect([...second]).toEqual(ids.map((id) => [id, { status: 'finished', result: id.charCodeAt(0) }]));
  expect(events).toEqual([
    ...['started a 1/3', 'finished a 1/3', 'started b 2/3'],
    ...['kept a 1/3', 'started b 2/3', 'finished b 2/3', 'started c 3/3', 'finished c 3/3'],
  ]);
});

test('a failure is kept with its sentence, the others go on, and it is tried again', async () => {
  const { run, kept, done } = playground();
  const outcomes = await run(['a', 'b'], (id) => {
    if (id === 'a') throw new Error('learning_rate: diverged; lower it.');
    return 2;
  });
  expect(outcomes.get('a')).toEqual({ status: 'failed', sentence: 'learning_rate: diverged; lower it.' });
  expect(outcomes.get('b')).toEqual({ status: 'finished', result: 2 });
  await run(['a', 'b'], () => 1);
  expect(done).toEqual(['a', 'b', 'a']);
  expect(kept.get('a')).toEqual({ status: 'finished', result: 1 });
});
