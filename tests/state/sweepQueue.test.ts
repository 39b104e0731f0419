import { beforeEach, describe, expect, it } from 'vitest';
import type { JobOutcome } from '../../src/compare/queue';
import type { RunResult } from '../../src/compare/result';
import { setClient } from '../../src/state/client';
import { deviceStore } from '../../src/state/device';
import { evaluationStore, NOTHING_ASKED } from '../../src/state/evaluation';
import { applyEvent } from '../../src/state/events';
import { expertsStore, NOTHING_SEEN } from '../../src/state/experts';
import { NO_RUN, runStore } from '../../src/state/run';
import { NOTHING_CHOSEN, setupStore } from '../../src/state/setup';
import { isSweeping, NO_SWEEP, sweepObstacle, sweepStore } from '../../src/state/sweep';
import {
  continueSweep,
  draftSweep,
  restoreSweep,
  setChoice,
  setSweepMemory,
  startSweep,
  stopSweep,
} from '../../src/state/sweepQueue';
import type { SweepMemory } from '../../src/storage/sweeps';
import type { ModelInfo } from '../../src/worker/protocol';
import { createFakeClient, type FakeClient } from '../support/fakeClient';
import { tinyConfig } from '../support/tinyModel';

const MATERIALS = {
  model: { name: 'tiny', fingerprint: 'f', config: tinyConfig },
  data: { name: 'd.jsonl', sha256: 's', columns: null },
};

/** What a browser keeps, as long as the test lives. */
function memoryOf(): SweepMemory & { readonly files: Map<string, unknown>; others: boolean } {
  const files = new Map<string, unknown>();
  return {
    files,
    others: false,
    store: <Result extends object>() => ({
      read: (id: string) => Promise.resolve(files.get(id) as JobOutcome<Result> | undefined),
      write: (id: string, outcome: JobOutcome<Result>) => {
        files.set(id, structuredClone(outcome));
        return Promise.resolve();
      },
    }),
    kept: () => Promise.resolve(files.get('current')),
    keep: (value) => {
      files.set('current', structuredClone(value));
      return Promise.resolve();
    },
    async alone(work) {
      if (this.others) return false;
      await work();
      return true;
    },
  };
}

let memory: ReturnType<typeof memoryOf>;
let client: FakeClient;
/** What the worker makes of the n-th run. */
let answer: (index: number) => RunResult | undefined | Promise<RunResult | undefined>;
let materials = MATERIALS;

/** A page just loaded: nothing in its stores, what the browser keeps still there. */
function openPage(): void {
  sweepStore.setState(NO_SWEEP, true);
  runStore.setState(NO_RUN, true);
  evaluationStore.setState(NOTHING_ASKED, true);
  expertsStore.setState(NOTHING_SEEN, true);
  deviceStore.setState({ status: 'ready', info: { name: 'gpu', fallback: false, maxBinding: 1 } }, true);
  const info = { name: 'tiny', config: tinyConfig } as ModelInfo;
  setupStore.setState({
    ...NOTHING_CHOSEN,
    model: { ...NOTHING_CHOSEN.model, chosen: { info, source: { kind: 'files', name: 'tiny', files: [] } } },
  });
  let runs = 0;
  client = createFakeClient({
    materials: () => materials,
    runJob: () => answer(runs++),
  });
  setClient(client);
}

beforeEach(async () => {
  materials = MATERIALS;
  answer = () => ({ ok: true }) as unknown as RunResult;
  memory = memoryOf();
  setSweepMemory(memory);
  openPage();
  setChoice({ contenders: ['lora', 'masa'], seeds: 2 });
  await draftSweep();
});

const asked = () => client.sent.flatMap((command) => (command.type === 'runJob' ? [command.job] : []));
const names = () => asked().map(({ configuration, seed }) => `${configuration} ${seed}`);
const statuses = () => [...sweepStore.getState().outcomes.runs.values()].map(({ status }) => status);
const settled = () => new Promise((resolve) => setImmediate(resolve));

describe('a comparison on the page', () => {
  it('does run after run and shows each outcome as it comes', async () => {
    const shown: number[] = [];
    answer = () => {
      shown.push(statuses().length);
      expect(isSweeping(sweepStore.getState())).toBe(true);
      return { ok: true } as unknown as RunResult;
    };
    await startSweep();
    const { seed } = asked()[0]!;
    expect(names()).toEqual([seed, seed + 1].flatMap((s) => [`LoRA ${s}`, `MASA ${s}`]));
    expect(shown).toEqual([0, 1, 2, 3]);
    expect(statuses()).toEqual(Array(4).fill('finished'));
    expect(sweepStore.getState()).toMatchObject({ phase: 'idle', job: undefined, problem: undefined });
    expect(memory.files.get('current')).toMatchObject({ running: false });
  });

  it('lets a run that lost its device fail with its own sentence, does the others, and does it again when told', async () => {
    const lost =
      'This run of the comparison ended early: the GPU device was lost (reset); go on with the comparison to do it again.';
    answer = (index) => {
      if (index === 1) throw new Error(lost);
      return { ok: true } as unknown as RunResult;
    };
    await startSweep();
    expect(statuses()).toEqual(['finished', 'failed', 'finished', 'finished']);
    const failed = [...sweepStore.getState().outcomes.runs.values()][1];
    expect(failed).toEqual({ status: 'failed', sentence: lost });
    client.sent.length = 0;
    await continueSweep();
    expect(names()).toEqual([expect.stringMatching(/^MASA/)]);
    expect(statuses()).toEqual(Array(4).fill('finished'));
  });

  it('ends where the worker died, writing nothing of the run under way', async () => {
    answer = (index) => {
      if (index < 1) return { ok: true } as unknown as RunResult;
      deviceStore.setState({ status: 'refused', message: 'The training worker stopped.' }, true);
      throw new Error('The training worker stopped.');
    };
    await startSweep();
    expect(statuses()).toEqual(['finished']);
    expect(isSweeping(sweepStore.getState())).toBe(false);
  });

  it('stops after the step under way, keeps what is done, and goes on from there', async () => {
    let finish: (result: RunResult | undefined) => void = () => undefined;
    answer = (index) =>
      index === 0
        ? ({ ok: true } as unknown as RunResult)
        : new Promise((resolve) => {
            finish = resolve;
          });
    const sweep = startSweep();
    await settled();
    await stopSweep();
    expect(sweepStore.getState().phase).toBe('stopping');
    expect(client.sent.at(-1)).toEqual({ type: 'stopJob' });
    finish(undefined);
    await sweep;
    expect(statuses()).toEqual(['finished']);
    expect(sweepStore.getState()).toMatchObject({ phase: 'idle', problem: undefined });
    client.sent.length = 0;
    answer = () => ({ ok: true }) as unknown as RunResult;
    await continueSweep();
    expect(asked()).toHaveLength(3);
  });

  it('comes back after a reload and goes on where it was in the middle', async () => {
    answer = (index) => (index === 0 ? ({ ok: true } as unknown as RunResult) : new Promise(() => undefined));
    void startSweep();
    await settled();
    openPage();
    answer = () => ({ ok: true }) as unknown as RunResult;
    await restoreSweep();
    expect(asked()).toHaveLength(3);
    expect(statuses()).toEqual(Array(4).fill('finished'));
    expect(sweepStore.getState().choice).toMatchObject({ contenders: ['lora', 'masa'], seeds: 2 });
    // Finished ones come back without going on.
    openPage();
    await restoreSweep();
    expect(asked()).toEqual([]);
    expect(statuses()).toEqual(Array(4).fill('finished'));
  });

  it('refuses other data than it began with, and a second page, each with a sentence', async () => {
    answer = (index) => {
      if (index > 0) throw new Error('It diverged.');
      return { ok: true } as unknown as RunResult;
    };
    await startSweep();
    materials = { ...MATERIALS, data: { ...MATERIALS.data, sha256: 'other' } };
    client.sent.length = 0;
    await continueSweep();
    expect(asked()).toEqual([]);
    expect(sweepStore.getState().problem).toBe(
      'Comparison: it learns d.jsonl with tiny; choose these two to go on with it.',
    );
    materials = MATERIALS;
    memory.others = true;
    await continueSweep();
    expect(sweepStore.getState()).toMatchObject({ phase: 'idle' });
    expect(sweepStore.getState().problem).toMatch(/^A comparison is running on another page/);
  });

  it.each([
    [
      'a run',
      () => {
        runStore.setState({ status: { phase: 'paused', step: 3 } });
      },
      'A run is under way; stop it first.',
    ],
    [
      'questions',
      () => {
        evaluationStore.setState({ asking: true });
      },
      'Questions are being asked; stop that first.',
    ],
    [
      'a look',
      () => {
        expertsStore.setState({ reading: 'report' });
      },
      'The experts are being looked at; stop that first.',
    ],
  ])('does not start beside %s', async (_, occupy, sentence) => {
    occupy();
    await startSweep();
    expect(sweepStore.getState()).toMatchObject({ phase: 'idle', problem: sentence });
    expect(asked()).toEqual([]);
  });

  it('says how far the job under way is, and keeps all else from the GPU', async () => {
    let inTheMiddle: unknown;
    answer = (index) => {
      if (index === 0) {
        const { id } = asked()[0]!;
        applyEvent({ type: 'job', id, stage: 'training', done: 2, total: 8 });
        inTheMiddle = { job: sweepStore.getState().job, obstacle: sweepObstacle() };
      }
      return { ok: true } as unknown as RunResult;
    };
    await startSweep();
    expect(inTheMiddle).toEqual({
      job: { id: asked()[0]!.id, stage: 'training', done: 2, total: 8 },
      obstacle: 'A comparison is running; stop it first.',
    });
    expect(sweepObstacle()).toBeUndefined();
  });

  it('says why there is no draft', async () => {
    setChoice({ contenders: [] });
    await draftSweep();
    expect(sweepStore.getState()).toMatchObject({
      draft: undefined,
      draftProblem: 'Choose what to compare.',
    });
  });
});
