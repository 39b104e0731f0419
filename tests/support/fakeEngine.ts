import type { RunConfig } from '../../src/config/runConfig';
import { expertCase } from '../../src/engine/adapters/expertCase';
import { adapterLayout } from '../../src/engine/adapters/layout';
import type { GpuDevice } from '../../src/engine/gpu/device';
import type { BaseModel } from '../../src/engine/model/baseModel';
import type { Generator } from '../../src/engine/model/generate';
import type { Snapshot } from '../../src/engine/train/snapshot';
import type { Trainer, TrainerOptions } from '../../src/engine/train/trainer';
import type { SessionEngine } from '../../src/worker/session';
import { ANY_DEVICE } from '../../src/engine/ops/gemm/choice';

/**
 * An engine without a GPU: its loss falls by one hundredth a step, every token it writes is the same, and of the
 * questions it gets those right whose answer is the first choice, with an adapter also those with the second.
 */
export interface FakeEngine {
  readonly engine: SessionEngine;
  /** Names of the calls, in order: `openDevice`, `loadBaseModel`, `createTrainer from 3`, `step 4`, … */
  readonly calls: string[];
  /** Makes the device lost, as a driver reset would. */
  loseDevice(): void;
  /** Makes every step after this wait until the returned function is called. */
  holdSteps(): () => void;
  /** Makes questions wait in the middle until the returned function is called. */
  holdQuestions(): () => void;
  /** Has `action` done once, when the given step begins; the step waits for it and fails with what it throws. */
  beforeStep(step: number, action: () => void | Promise<void>): void;
}

/** @param token id that the fake generator writes */
export function createFakeEngine(token: number): FakeEngine {
  const calls: string[] = [];
  let lose: (reason: string) => void = () => undefined;
  let gate: Promise<void> = Promise.resolve();
  let questionGate: Promise<void> = Promise.resolve();
  const actions = new Map<number, () => void | Promise<void>>();

  const generator = (): Generator => ({
    async *generate(_prompt, { max_new_tokens }) {
      await Promise.resolve();
      for (let made = 0; made < Math.min(3, max_new_tokens); made++) yield token;
    },
    destroy: () => undefined,
  });

  const engine: SessionEngine = {
    openDevice: () => {
      calls.push('openDevice');
      const lost = new Promise<string>((resolve) => {
        lose = resolve;
      });
      const limits = { maxStorageBufferBindingSize: 2 ** 27 };
      const info = { name: 'fake', vendor: '', architecture: '', fallback: true, features: [] };
      return Promise.resolve({
        device: { limits },
        info,
        lost,
        firstError: () => undefined,
      } as unknown as GpuDevice);
    },
    loadBaseModel: (gpu, checkpoint, onProgress) => {
      calls.push('loadBaseModel');
      onProgress?.(1, 2);
      onProgress?.(2, 2);
      const { name, config, tokenizer } = checkpoint;
      return Promise.resolve({
        name,
        config,
        tokenizer,
        gpu,
        fingerprint: 'f'.repeat(64),
        destroy: () => calls.push('destroy base'),
      } as unknown as BaseModel);
    },
    createGenerator: () => Promise.resolve(generator()),
    openChoiceScorer: (_base, _tokenizer, questions, adapter) => {
      calls.push(`questions ${questions.length}`);
      return Promise.resolve({
        score: async ({ onProgress, signal } = {}) => {
          const who = adapter === undefined ? 'base' : 'adapter';
          calls.push(`ask ${who}`);
          onProgress?.(1, 2);
          await questionGate;
          signal?.throwIfAborted();
          onProgress?.(2, 2);
          return questions.map((question) => {
            const chosen = adapter !== undefined && question.answer === 1 ? 1 : 0;
            return { question, isCut: false, logLikelihoods: [], isGreedy: [], chosen, chosenNorm: chosen };
          });
        },
        destroy: () => calls.push('destroy questions'),
      });
    },
    openExactMatcher: (_base, _tokenizer, questions, adapter) =>
      Promise.resolve({
        match: ({ onProgress } = {}) => {
          calls.push(`answer ${adapter === undefined ? 'base' : 'adapter'}`);
          onProgress?.(questions.length, questions.length);
          return Promise.resolve(
            questions.map((question) => ({ question, isCut: false, text: '', right: false })),
          );
        },
        destroy: () => calls.push('destroy questions'),
      }),
    openExpertInspector: (_base, { settings, seed }, request) =>
      Promise.resolve({
        inspect: (step, { onProgress, signal } = {}) => {
          calls.push(`inspect at ${step}`);
          onProgress?.(1, 2);
          signal?.throwIfAborted();
          const { length } = request.examples;
          const rows = { count: length, choice: 'counted', seed: seed ?? 0, tasks: {} } as const;
          const report = { settings, case: expertCase(settings), step, rows, layers: [], modules: [] };
          const features = { rows: [], downs: 1, r: settings.r, modules: [] };
          return Promise.resolve({ report: { ...report, stacks: [], similarity: [] }, features });
        },
        destroy: () => calls.push('destroy inspector'),
      }),
    openFeatureReader: (_base, settings, _adapter, { rows, layers, modules }) => {
      const { r, num_experts: downs } = settings;
      const matrix = (cols: number) => {
        const values = Float32Array.from({ length: rows.length * cols }, (_, at) => at % cols);
        return { rows: rows.length, cols, values };
      };
      const features = { experts: matrix(downs * r), mix: matrix(r), increment: undefined, gates: undefined };
      const place = { layer: layers?.[0] ?? 0, module: modules?.[0] ?? 'q_proj' } as const;
      return Promise.resolve({
        read: () => Promise.resolve({ rows, downs, r, modules: [{ ...place, ...features }] }),
        destroy: () => calls.push('destroy reader'),
      });
    },
    chooseKernels: () => Promise.resolve(ANY_DEVICE),
    createTrainer: (base, options) => {
      const from = options.resume?.step ?? 0;
      calls.push(`createTrainer from ${from}`);
      options.onCompile?.(1, 1, 'matmul');
      return Promise.resolve(fakeTrainer(base, options, from));
    },
  };

  function fakeTrainer(base: BaseModel, options: TrainerOptions, from: number): Trainer {
    const { batches } = options;
    let { run } = options;
    let done = from;
    const trainer: Omit<Trainer, 'plan' | 'kernels' | 'allocatedBytes' | 'adapter'> = {
      routers: [],
      get stepsDone() {
        return done;
      },
      setLearningRate: (learning_rate) => {
        run = { ...run, learning_rate };
      },
      step: async () => {
        await gate;
        const step = done + 1;
        const action = actions.get(step);
        actions.delete(step);
        await action?.();
        calls.push(`step ${step}`);
        const tokens = batches.batchFor(done, 0).counted;
        done = step;
        const { learning_rate } = run;
        return { step, loss: 2 - step / 100, learning_rate, grad_norm: 1, tokens, seconds: 0.1 };
      },
      steps: async (until, each, proceed = () => true) => {
        do await each(await trainer.step());
        while (done < until && proceed());
      },
      validate: () => {
        calls.push(`validate ${done}`);
        return Promise.resolve({ loss: 3 - done / 100, tokens: 10 });
      },
      snapshot: () => {
        calls.push(`snapshot ${done}`);
        return Promise.resolve(fakeSnapshot(base, run, done));
      },
      blockNorms: () => Promise.resolve([]),
      generator: () => Promise.resolve(generator()),
      inference: {} as Trainer['inference'],
      destroy: () => calls.push('destroy trainer'),
    };
    return trainer as unknown as Trainer;
  }

  return {
    engine,
    calls,
    loseDevice: () => {
      lose('the GPU device was lost (reset)');
    },
    holdSteps: () => {
      const { closed, open } = makeGate();
      gate = closed;
      return open;
    },
    holdQuestions: () => {
      const { closed, open } = makeGate();
      questionGate = closed;
      return open;
    },
    beforeStep: (step, action) => {
      actions.set(step, action);
    },
  };
}

function makeGate(): { readonly closed: Promise<void>; readonly open: () => void } {
  let open: () => void = () => undefined;
  const closed = new Promise<void>((resolve) => {
    open = resolve;
  });
  return {
    closed,
    open: () => {
      open();
    },
  };
}

function fakeSnapshot(base: BaseModel, run: RunConfig, step: number): Snapshot {
  const { size } = adapterLayout(run, base.config);
  return {
    run,
    step,
    adapter: {
      config: run,
      values: new Float32Array(size).fill(step / 1000),
      base: { name: base.name, fingerprint: base.fingerprint, config: base.config },
      metadata: {},
    },
    m: new Float32Array(size),
    v: new Float32Array(size),
    gpu: 'fake',
    kernels: ANY_DEVICE,
  };
}
