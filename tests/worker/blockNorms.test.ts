import { expect, it } from 'vitest';
import { finished, ready, seen } from '../support/session';

it('a run gives the norms of its blocks between two steps and after its end', async () => {
  const { handle, train, events, fake } = await ready();
  await expect(handle({ type: 'blockNorms', runId: 1 })).rejects.toThrow();
  const open = fake.holdSteps();
  await train();
  await seen(events, (event) => event.type === 'running');
  const during = handle({ type: 'blockNorms', runId: 1 });
  open();
  const { step } = (await during) as { step: number };
  expect(step).toBeLessThan(6);
  await finished(events);
  expect(await handle({ type: 'blockNorms', runId: 1 })).toEqual({ step: 6, norms: [] });
});
