import { beforeEach, describe, expect, it, vi } from 'vitest';
import { setClient } from '../../src/state/client';
import { expertsStore, forgetExperts, NOTHING_SEEN } from '../../src/state/experts';
import { NO_RUN, runStore } from '../../src/state/run';
import { byExpert, drawPicture, stopPicture, tsneStore } from '../../src/state/tsne';
import type { ExpertPoints } from '../../src/worker/protocol';
import type { TsneCallbacks } from '../../src/worker/tsneClient';
import type { TsneProgress, TsneRequest } from '../../src/worker/tsneJob';
import { createFakeClient, type FakeClient } from '../support/fakeClient';

/** Embeddings that were asked for, each ended by the test. */
const jobs: {
  readonly request: TsneRequest;
  readonly callbacks: TsneCallbacks;
  readonly end: (error?: Error) => void;
}[] = [];

vi.mock('../../src/worker/tsneClient', () => ({
  embedInWorker: (request: TsneRequest, callbacks: TsneCallbacks) =>
    new Promise<void>((resolve, reject) => {
      const end = (error?: Error) => {
        if (error === undefined) resolve();
        else reject(error);
      };
      callbacks.signal.addEventListener('abort', () => {
        end();
      });
      jobs.push({ request, callbacks, end });
    }),
}));

/** Two experts of rank 2 on three tokens. */
const POINTS: ExpertPoints = {
  ...{ layer: 1, module: 'q_proj', step: 9, of: 'questions', choice: 'prompt_end', experts: 2 },
  tasks: ['sums', null, 'sums'],
  single: { rows: 3, cols: 2, values: Float32Array.of(1, 2, 3, 4, 5, 6) },
  all: { rows: 3, cols: 4, values: Float32Array.of(1, 2, 10, 20, 3, 4, 30, 40, 5, 6, 50, 60) },
};
const progress = (iteration: number): TsneProgress => ({
  ...{ iteration, iterations: 1000, klDivergence: 1 },
  embedding: new Float64Array(6),
});

let client: FakeClient;
let points: () => ExpertPoints | undefined;

beforeEach(() => {
  stopPicture();
  jobs.length = 0;
  expertsStore.setState(NOTHING_SEEN, true);
  runStore.setState({ ...NO_RUN, runId: 1 }, true);
  points = () => POINTS;
  client = createFakeClient({ expertPoints: () => points() });
  setClient(client);
});

const settled = () => new Promise((resolve) => setImmediate(resolve));

describe('pictures by t-SNE', () => {
  it('show one A beside all experts, coloured by task, each as it comes', async () => {
    const drawn = drawPicture(1, 'q_proj', 1500, 'tokens', 2);
    expect(tsneStore.getState().drawing).toBe(true);
    await settled();
    expect(client.sent[0]).toMatchObject({ type: 'expertPoints', layer: 1, module: 'q_proj', rows: 1500 });
    expect(jobs.map(({ request }) => request.points)).toEqual([POINTS.single, POINTS.all]);
    expect(tsneStore.getState().pictures.map(({ title, labels }) => [title, labels])).toEqual([
      ['One A', ['sums', 'no task', 'sums']],
      ['All 2 experts side by side', ['sums', 'no task', 'sums']],
    ]);
    jobs[1]!.callbacks.onProgress(progress(25));
    expect(tsneStore.getState().pictures.map((picture) => picture.progress?.iteration)).toEqual([
      undefined,
      25,
    ]);
    for (const { end } of jobs) end();
    await drawn;
    expect(tsneStore.getState()).toMatchObject({ drawing: false, points: POINTS, problem: undefined });
  });

  it('show each token once for each expert, with no more points than t-SNE takes', async () => {
    void drawPicture(1, 'q_proj', 5000, 'experts', 2);
    await settled();
    expect(client.sent[0]).toMatchObject({ rows: 2500 });
    const { labels, matrix } = byExpert(POINTS);
    expect(labels).toEqual(['expert 1', 'expert 1', 'expert 1', 'expert 2', 'expert 2', 'expert 2']);
    expect(matrix).toEqual({
      rows: 6,
      cols: 2,
      values: Float32Array.of(1, 2, 3, 4, 5, 6, 10, 20, 30, 40, 50, 60),
    });
    expect(jobs.map(({ request }) => request.points)).toEqual([matrix]);
  });

  it('ask for a perplexity of 30, or what fits below a third of few points', async () => {
    const of = async (rows: number) => {
      jobs.length = 0;
      const single = { rows, cols: 1, values: new Float32Array(rows) };
      points = () => ({ ...POINTS, tasks: Array<null>(rows).fill(null), experts: 1, single, all: single });
      void drawPicture(1, 'q_proj', rows, 'tokens', 1);
      await settled();
      expect(jobs).toHaveLength(1); // one A is all there is
      return jobs[0]!.request.options.perplexity;
    };
    expect(await of(1500)).toBe(30);
    expect(await of(20)).toBe(5);
  });

  it('stop where they are', async () => {
    const drawn = drawPicture(1, 'q_proj', 500, 'experts', 2);
    await settled();
    jobs[0]!.callbacks.onProgress(progress(50));
    stopPicture();
    await drawn;
    expect(jobs[0]!.callbacks.signal.aborted).toBe(true);
    const { drawing, pictures } = tsneStore.getState();
    expect([drawing, pictures[0]?.progress?.iteration]).toEqual([false, 50]);
  });

  it('say what is wrong, and end the other picture', async () => {
    const drawn = drawPicture(1, 'q_proj', 500, 'tokens', 2);
    await settled();
    jobs[0]!.end(new Error('t-SNE stopped: it broke down or ran out of memory; choose fewer points.'));
    await drawn;
    expect(jobs[1]!.callbacks.signal.aborted).toBe(true);
    expect(tsneStore.getState()).toMatchObject({
      drawing: false,
      problem: 't-SNE stopped: it broke down or ran out of memory; choose fewer points.',
    });
  });

  it('draw nothing where nothing was read', async () => {
    points = () => undefined;
    await drawPicture(1, 'q_proj', 500, 'tokens', 2);
    expect(jobs).toEqual([]);
    expect(tsneStore.getState()).toMatchObject({ drawing: false, pictures: [] });
  });

  it('are forgotten with a new run', async () => {
    void drawPicture(1, 'q_proj', 500, 'experts', 2);
    await settled();
    forgetExperts();
    expect(jobs[0]!.callbacks.signal.aborted).toBe(true);
    expect(tsneStore.getState()).toMatchObject({ drawing: false, points: undefined, pictures: [] });
  });
});
