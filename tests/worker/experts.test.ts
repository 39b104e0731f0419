import { describe, expect, it } from 'vitest';
import type { Command, ExpertLook, ExpertPoints } from '../../src/worker/protocol';
import { CLERK, finished, ready, seen } from '../support/session';

const TOKENS = { rows: 40, choice: undefined, seed: 42 };
const REPORT: Command = { type: 'inspectExperts', runId: 1, ...TOKENS };
const POINTS: Command = { type: 'expertPoints', runId: 1, layer: 3, module: 'up_proj', ...TOKENS };

describe('a look at the experts of a run', () => {
  it('takes the held-out questions of a scenario after a run, and frees what it took', async () => {
    const { train, events, handle, calls } = await ready(CLERK);
    await train();
    await finished(events);
    calls.length = 0;
    const { of, report } = (await handle(REPORT)) as ExpertLook;
    expect([of, report.step, report.rows.count]).toEqual(['questions', 6, 200]);
    expect(report.case).toMatchObject({ id: 'tied', knob: 'expert_mix' });
    expect(calls).toEqual(['inspect at 6', 'destroy inspector']);
    expect(events.at(-1)).toEqual({ type: 'looking', runId: 1, done: 1, total: 2 });
  });

  it('takes what is held out of a file, or all of it', async () => {
    const { train, events, handle } = await ready();
    await train({ val_size: 0.1 });
    await finished(events);
    expect(await handle(REPORT)).toMatchObject({ of: 'validation', report: { rows: { count: 20 } } });
    await train({ val_size: 0 }, 2);
    await finished(events, 2);
    const whole = await handle({ ...REPORT, runId: 2 });
    expect(whole).toMatchObject({ of: 'training', report: { rows: { count: 200 } } });
  });

  it('gives the points of one module: the first expert beside all, each with its task', async () => {
    const { train, events, handle, calls } = await ready(CLERK);
    await train({ num_experts: 3, r: 2 });
    await finished(events);
    const points = (await handle(POINTS)) as ExpertPoints;
    expect(points).toMatchObject({ layer: 3, module: 'up_proj', step: 6, choice: 'prompt_end', experts: 3 });
    expect(points.tasks).toEqual(Array<string>(40).fill('clerk'));
    expect([points.single.rows, points.single.cols, points.all.cols]).toEqual([40, 2, 6]);
    expect([...points.single.values.subarray(0, 4)]).toEqual([0, 1, 0, 1]);
    expect(calls.at(-1)).toBe('destroy reader');
  });

  it('falls between two steps of a run under way and into a pause, and changes no step', async () => {
    const { train, events, handle, fake, calls } = await ready();
    let look: Promise<unknown> | undefined;
    fake.beforeStep(3, () => {
      look = handle(REPORT);
    });
    fake.beforeStep(5, () => handle({ type: 'pause', runId: 1 }) as Promise<void>);
    await train({ eval_steps: 0, save_steps: 0 });
    await seen(events, (event) => event.type === 'paused');
    expect(await look).toMatchObject({ report: { step: 3 } });
    expect(await handle(REPORT)).toMatchObject({ report: { step: 5 } });
    await handle({ type: 'resume', runId: 1 });
    expect(await finished(events)).toMatchObject({ type: 'done', step: 6 });
    const order = calls.filter((call) => /^(step|inspect)/.test(call));
    expect(order).toEqual('step 1,step 2,step 3,inspect at 3,step 4,step 5,inspect at 5,step 6'.split(','));
  });

  it('can be stopped', async () => {
    const { train, events, handle } = await ready();
    await train();
    await finished(events);
    const look = handle(REPORT);
    await handle({ type: 'stopLook' });
    expect(await look).toBeUndefined();
    expect(await handle(REPORT)).toMatchObject({ report: { step: 6 } });
  });

  it('is refused before the first step, beside questions, and beside another look', async () => {
    const { train, events, handle, fake } = await ready();
    await expect(handle(REPORT)).rejects.toThrow(/^Run: /);
    const release = fake.holdSteps();
    await train();
    await seen(events, (event) => event.type === 'validation');
    const waiting = handle({ type: 'inspectExperts', runId: 1, ...TOKENS });
    await expect(handle(POINTS)).rejects.toThrow(
      'Experts: the experts are being looked at; stop that first.',
    );
    release();
    expect(await waiting).toMatchObject({ report: { step: 1 } });
    await finished(events);
    const letGo = fake.holdQuestions();
    const asked = handle({ type: 'evaluate', runId: 1, source: CLERK });
    await seen(events, (event) => event.type === 'evaluating');
    await expect(handle(REPORT)).rejects.toThrow(/^Experts: questions are being asked/);
    letGo();
    await asked;
  });
});
