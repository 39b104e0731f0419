import { expect, it, vi } from 'vitest';
import type { PlannedRun } from '../../src/compare/plan';
import type { TrainingPlan } from '../../src/engine';
import { ready, RUN, seen } from '../support/session';

const job = (id: string): PlannedRun => ({ id, configuration: 'MASA', seed: 1, run: RUN });

it('a run of a comparison that loses its device says what to do, and the next one gets a new device', async () => {
  vi.stubGlobal('navigator', { userAgent: 'a browser' });
  const { handle, events, fake, calls } = await ready();
  const create = fake.engine.createTrainer;
  vi.spyOn(fake.engine, 'createTrainer').mockImplementation(async (base, options) =>
    Object.assign(await create(base, options), { plan: { trainableParameters: 7 } as TrainingPlan }),
  );
  fake.beforeStep(2, () => {
    fake.loseDevice();
    return new Promise<void>(() => undefined);
  });
  await expect(handle({ type: 'runJob', job: job('a'), questions: undefined })).rejects.toThrow(
    /^This run of the comparison ended early: the GPU device was lost.*; go on with the comparison to do it again\.$/,
  );
  const result = await handle({ type: 'runJob', job: job('b'), questions: undefined });
  expect(result).toMatchObject({
    id: 'b',
    configuration: 'MASA',
    trainable_weights: 7,
    steps: RUN.max_steps,
    tasks: null,
  });
  expect(calls.filter((call) => call === 'openDevice')).toHaveLength(2);
  await seen(events, (event) => event.type === 'job' && event.id === 'b' && event.done === RUN.max_steps);
});
