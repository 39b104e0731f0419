import type { StepMetrics } from '../../src/engine/train/metrics';
import type { BrowserContextOptions, Page } from 'playwright-core';
import type { DataInfo, DeviceInfo, ModelInfo, PlanInfo } from '../../src/worker/protocol';
import type { OpenPage } from './chromium';
import { openQuietPage, type QuietPage } from './quietPage';

/** What the fake worker answers with: shapes of the small bundled model, and figures that nobody measured. */
interface Answers {
  readonly device: DeviceInfo;
  readonly model: ModelInfo;
  readonly data: DataInfo;
  readonly plan: PlanInfo;
  readonly accuracy: object;
}

const ANSWERS: Answers = {
  device: { name: 'A made-up GPU for tests', fallback: false, maxBinding: 2 ** 31 },
  model: {
    name: 'world-small',
    config: {
      vocabSize: 1024,
      hiddenSize: 128,
      intermediateSize: 384,
      layers: 4,
      heads: 4,
      kvHeads: 4,
      headDim: 32,
      rmsNormEps: 1e-5,
      attentionBias: false,
      mlpBias: false,
      tieWordEmbeddings: true,
      maxPositions: 512,
      rope: { type: 'default', theta: 10_000 },
      bosTokenId: 1,
      eosTokenIds: [2],
    },
    parameters: 983_000,
    bytes: 3_932_000,
    dtype: 'F32',
    hasChatTemplate: false,
    sampling: {},
  },
  data: {
    name: 'clerk',
    format: 'made here',
    records: 1200,
    skipped: 0,
    problems: [],
    tasks: [],
    examples: [1, 2, 3].map((at) => ({
      task: undefined,
      pieces: [
        { text: `Question ${at}: who keeps the ledger of the village?\nAnswer:`, trained: false },
        { text: ' the clerk, by candlelight.', trained: true },
      ],
    })),
    prompt: 'Question: who keeps the ledger?\nAnswer:',
  },
  plan: {
    trainableParameters: 45_056,
    baseParameters: 983_000,
    recomputed: false,
    bytes: {
      weights: 3_932_000,
      adapter: 180_224,
      optimizer: 540_672,
      activations: 6_700_000,
      sampling: 1_048_576,
      io: 90_000,
      total: 12_491_472,
    },
    largest: { name: 'logits', bytes: 1_310_720, limit: 2 ** 31 },
  },
  accuracy: {
    mean: { id: 'all', n: 20, acc: 0.5, acc_norm: 0.5, chance: 0.25, ci: [0.3, 0.7] },
    byTask: [{ id: 'clerk', n: 20, acc: 0.5, acc_norm: 0.5, chance: 0.25, ci: [0.3, 0.7] }],
    cut: 0,
  },
};

/**
 * The program of a worker that talks as the real one does and trains nothing: a run goes through all its phases at
 * `stepMs` a step, can be paused, stepped, stopped and exported. A command that it does not know it answers with a
 * sentence.
 */
export function fakeWorkerSource(stepMs: number, answers: Answers = ANSWERS): string {
  return `(${program.toString()})(${JSON.stringify(answers)}, ${stepMs});`;
}

/** Runs in the worker, alone: it must not use anything from outside of it. */
function program(answers: Answers, stepMs: number): void {
  const post = (message: unknown) => {
    postMessage(message);
  };
  const emit = (event: object) => {
    post({ kind: 'event', event: { runId: run.id, ...event } });
  };
  const run = { id: 0, step: 0, last: 0, asked: '', single: false, timer: 0 };
  const point = (step: number): StepMetrics => ({
    step,
    loss: 1 + 3 * Math.exp(-step / 12) + 0.15 * Math.sin(step * 1.7),
    learning_rate: 5e-3 * (1 - step / (run.last + 1)),
    grad_norm: 0.8 + 0.2 * Math.cos(step),
    tokens: 140,
    seconds: 0.02,
  });
  const sample = (when: string, text: string) => {
    emit({ type: 'sample', when, step: run.step, text, complete: true });
  };
  const check = () => {
    emit({ type: 'validation', step: run.step, loss: 1.1 + 3 * Math.exp(-run.step / 12) });
    emit({ type: 'accuracy', step: run.step, ...answers.accuracy });
  };
  const tick = () => {
    if (run.asked === 'stop' || run.step >= run.last) {
      check();
      sample('after', ' the clerk, by candlelight.');
      emit({ type: 'done', step: run.step, stopped: run.step < run.last });
      run.id = -run.id;
      return;
    }
    if (run.asked === 'pause') {
      emit({ type: 'paused', step: run.step });
      return;
    }
    run.step += 1;
    emit({ type: 'step', point: point(run.step) });
    if (run.single) run.asked = 'pause';
    run.timer = Number(setTimeout(tick, stepMs));
  };
  const go = (single: boolean) => {
    Object.assign(run, { asked: '', single });
    emit({ type: 'running', step: run.step });
    tick();
  };
  const handle = (command: {
    readonly type: string;
    readonly source?: { readonly name: string };
    readonly runId?: number;
    readonly run?: { readonly max_steps: number };
  }): unknown => {
    switch (command.type) {
      case 'openDevice':
        return answers.device;
      case 'loadModel':
        return { ...answers.model, name: command.source?.name };
      case 'loadData':
        return { ...answers.data, name: command.source?.name };
      case 'plan':
        return answers.plan;
      case 'materials':
        return {
          model: { name: answers.model.name, config: answers.model.config, fingerprint: 'made-up' },
          data: { name: answers.data.name, sha256: '0'.repeat(64), columns: null },
        };
      case 'train':
        Object.assign(run, { id: command.runId, step: 0, last: command.run?.max_steps ?? 1 });
        emit({
          type: 'prepared',
          data: { trainExamples: 1176, validationExamples: 24, truncated: 0, skipped: 0, problems: [] },
        });
        emit({ type: 'loading', done: 1, total: 1 });
        emit({ type: 'compiling', done: 22, total: 22, kernel: 'the last' });
        sample('before', ' a goat, and then a goat.');
        check();
        go(false);
        return undefined;
      case 'pause':
      case 'stop':
        if (run.asked === 'pause') setTimeout(tick); // paused already
        run.asked = command.type;
        return undefined;
      case 'resume':
      case 'step':
        go(command.type === 'step');
        return undefined;
      case 'sample':
        sample('after', ' the clerk.');
        return undefined;
      case 'export':
        return {
          name: 'adapter.zip',
          bytes: new Uint8Array([80, 75, 5, 6]),
          usage: 'from peft import PeftModel',
        };
      case 'loadQuestions':
      case 'blockNorms':
      case 'stopLook':
      case 'stopJob':
      case 'stopChat':
      case 'stopEvaluation':
        return command.type === 'blockNorms' ? { step: 0, norms: [] } : undefined;
      default:
        throw new Error(`The worker of this test does not know ${command.type}.`);
    }
  };
  addEventListener('message', ({ data: { id, command } }: MessageEvent<{ id: number; command: never }>) => {
    try {
      post({ kind: 'result', id, result: handle(command) });
    } catch (error) {
      post({ kind: 'error', id, message: (error as Error).message });
    }
  });
}

/** Opens the page with the fake worker in place of the real one; nothing is computed on a GPU. */
export async function openFakePage(
  open: OpenPage,
  options: BrowserContextOptions & { readonly stepMs?: number; readonly hash?: string } = {},
): Promise<QuietPage> {
  const { stepMs = 5, hash = '', ...context } = options;
  return await openQuietPage(open, () => undefined, {
    context: { viewport: { width: 1440, height: 900 }, ...context },
    hash,
    prepare: async (page: Page) => {
      await page.route(/trainingWorker[^/]*\.js$/, (route) =>
        route.fulfill({ contentType: 'text/javascript', body: fakeWorkerSource(stepMs) }),
      );
    },
  });
}
