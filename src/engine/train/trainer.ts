import { UserError } from '../../config/errors';
import type { RunConfig } from '../../config/runConfig';
import { adapterConfig, type Adapter } from '../adapters/adapter';
import { inferenceAdapter } from '../adapters/attach';
import { ADAPTER } from '../adapters/lowRankLayout';
import { ROUTER } from '../adapters/routed';
import type { MicroBatch } from '../data/batch';
import { readFloats, readStaging } from '../gpu/readback';
import { DRESIDUAL, LOSS_SUM } from '../model/backward';
import type { BaseModel } from '../model/baseModel';
import { INPUT } from '../model/forward';
import type { InferenceAdapter } from '../model/decoder';
import { createGenerator, type Generator } from '../model/generate';
import { ADAMW } from '../ops/adamw';
import type { KernelChoice } from '../ops/gemm/choice';
import { beginTraining, type TrainingStart } from './begin';
import { openBlockNorms, type BlockNorm, type BlockNormReader } from './blockNorms';
import { MOST_AHEAD, OPTIMIZER, routerTotals, stepResult, type TrainingPlan } from './plan';
import { routerMetrics, routerStatistics, type RouterStatistics } from './routerStatistics';
import type { StepMetrics } from './metrics';
import { learningRate } from './schedule';
import type { Snapshot } from './snapshot';
import { writeBatch } from './writeBatch';

/** What a run learns from; a pure function of the step, so that a resumed run sees what an unbroken one does. */
export interface TrainingBatches {
  batchFor(step: number, micro: number): MicroBatch;
  readonly validation: readonly MicroBatch[];
}

export interface Trainer {
  readonly plan: TrainingPlan;
  /** The kernels that the run's bits depend on. */
  readonly kernels: KernelChoice;
  /** Bytes really allocated, the base model's included. */
  readonly allocatedBytes: number;
  readonly stepsDone: number;
  /**
   * Takes another peak learning rate from the next step on; the schedule keeps its shape. Snapshots name it as the
   * run's own. To be used between `steps`.
   */
  setLearningRate(learning_rate: number): void;
  /**
   * One optimiser step over all micro-batches.
   *
   * @throws UserError when the loss or the gradient is no number; the adapter is then as before the step
   */
  step(): Promise<StepMetrics>;
  /**
   * Optimiser steps one after the other, until `until` are done in all. Where steps are short, the next ones are
   * submitted before the metrics of one are there, so that the GPU need not wait for the CPU. Whatever the outcome,
   * nothing is under way when the promise settles, and stepsDone says which steps the adapter has seen.
   *
   * @param each told the metrics of every step, in order, and waited for
   * @param proceed asked before each but the first; false ends the steps when those under way are done
   * @throws UserError as `step` does; the steps behind the diverged one have then changed nothing either
   */
  steps(
    until: number,
    each: (metrics: StepMetrics) => void | Promise<void>,
    proceed?: () => boolean,
  ): Promise<void>;
  /** Mean loss over the held-out part, without dropout; changes nothing of the run. */
  validate(signal?: AbortSignal): Promise<{ readonly loss: number; readonly tokens: number }>;
  /** What each router did in the last step that is done; empty before it and where there is no router. */
  readonly routers: readonly RouterStatistics[];
  /**
   * How large the gradient and the update of every trainable tensor were in the last step, in the adapter's order;
   * empty before the first step here. To be asked for between `steps`; changes nothing of the run.
   */
  blockNorms(): Promise<readonly BlockNorm[]>;
  /** A copy of the adapter as it is now. */
  adapter(): Promise<Adapter>;
  /** Everything that a later session needs to go on as if nothing had happened. */
  snapshot(): Promise<Snapshot>;
  /**
   * The adapter as it is at every moment, for generators and evaluations. They only read it: used between `steps`,
   * when nothing is under way, they see the adapter of `stepsDone` and leave the run's bits alone.
   */
  readonly inference: InferenceAdapter;
  /** Continues texts with the adapter as it is at every moment. */
  generator(capacity: number): Promise<Generator>;
  destroy(): void;
}

export interface TrainerOptions extends TrainingStart {
  readonly batches: TrainingBatches;
}

/**
 * A longer step than this is submitted only when the one before it is done: the CPU's part is small beside it, and
 * who asks for a stop should not have to wait for more than one.
 */
const LONG_STEP_SECONDS = 0.1;

/** Allocates a run's plan, compiles its kernels and puts the adapter in place. */
export async function createTrainer(base: BaseModel, options: TrainerOptions): Promise<Trainer> {
  const { batches, resume } = options;
  let { run } = options;
  const { config, gpu } = base;
  const { device } = gpu;
  const { plan, kernels, workspace } = await beginTraining(base, options);
  workspace.run(['presum'], {});
  let stepsDone = resume?.step ?? 0;
  let lastSeconds = Number.POSITIVE_INFINITY;
  let lastArrival = 0;
  let routers: readonly RouterStatistics[] = [];
  let lastStep: StepMetrics | undefined;
  let norms: Promise<BlockNormReader> | undefined;
  const totals = routerTotals(plan.layout, config) * 4; // bytes
  const read = (name: string) => readFloats(device, workspace.buffer(name));

  const submitStep = async (step: number): Promise<StepMetrics> => {
    const started = performance.now();
    const micros = Array.from({ length: run.gradient_accumulation_steps }, (_, micro) =>
      batches.batchFor(step, micro),
    );
    const tokens = micros.reduce((sum, { counted }) => sum + counted, 0);
    const t = step + 1;
    if (tokens === 0) throw new Error(`no token of step ${t} counts in the loss`);
    const rate = learningRate(step, run);
    const numbers = { seed: run.seed, step, invTokens: 1 / tokens, learningRate: rate };
    const routed = totals > 0 ? [ROUTER.totals.buffer] : [];
    let launches = 0;
    micros.forEach((batch, micro) => {
      writeBatch(workspace, batch);
      workspace.write(INPUT.last.buffer, batch.last);
      const first = micro === 0 ? [ADAPTER.gradient.buffer, LOSS_SUM.buffer, ...routed] : [];
      launches += workspace.run(['micro'], { ...numbers, micro }, { clear: [DRESIDUAL.buffer, ...first] });
    });
    const bias = { bias1: 1 - ADAMW.beta1 ** t, bias2: 1 - ADAMW.beta2 ** t };
    const result = stepResult(step);
    const copy = [LOSS_SUM.buffer, OPTIMIZER.norm.buffer, ...routed].map((from, index) => ({
      from,
      offset: 0,
      to: result,
      toOffset: index * 4,
      bytes: from === ROUTER.totals.buffer ? totals : 4,
    }));
    launches += workspace.run(['update'], { ...numbers, ...bias }, { copy });
    const bytes = await readStaging(device, workspace.buffer(result));
    const [sum = Number.NaN, norm = Number.NaN] = new Float32Array(bytes);
    const now = performance.now();
    const seconds = (now - Math.max(started, lastArrival)) / 1000;
    lastSeconds = seconds;
    lastArrival = now;
    workspace.pace(seconds, launches);
    if (!Number.isFinite(sum) || !Number.isFinite(norm)) throw diverged(t, run);
    routers = routerStatistics(plan.layout, new Float32Array(bytes, 8), tokens);
    const routing = routerMetrics(routers, run);
    return { step: t, loss: sum / tokens, learning_rate: rate, grad_norm: norm, tokens, seconds, ...routing };
  };

  const trainer: Trainer = {
    plan,
    kernels,
    allocatedBytes: base.bytes + workspace.allocatedBytes,
    get stepsDone() {
      return stepsDone;
    },
    get routers() {
      return routers;
    },

    setLearningRate(learning_rate) {
      run = { ...run, learning_rate };
    },

    async step() {
      let result: StepMetrics | undefined;
      await trainer.steps(stepsDone + 1, (metrics) => {
        result = metrics;
      });
      if (result === undefined) throw new Error('the step gave no metrics');
      return result;
    },

    async steps(until, each, proceed = () => true) {
      const underWay: Promise<StepMetrics>[] = []; // oldest first
      const from = stepsDone;
      let submitted = from;
      let going = true;
      try {
        for (;;) {
          const most = lastSeconds < LONG_STEP_SECONDS ? MOST_AHEAD : 1;
          while (going && submitted < until && underWay.length < most) {
            going = submitted === from || proceed();
            if (!going) break;
            const metrics = submitStep(submitted++);
            metrics.catch(() => undefined); // heard when its turn comes
            underWay.push(metrics);
          }
          const metrics = await underWay.shift();
          if (metrics === undefined) break;
          stepsDone = metrics.step;
          lastStep = metrics;
          await each(metrics);
        }
      } catch (error) {
        // Those behind it have left the adapter alone too (clipFactor.wgsl); later steps may change it again.
        await Promise.allSettled(underWay);
        workspace.write(OPTIMIZER.norm.buffer, new Float32Array(2));
        throw error;
      }
    },

    async validate(signal) {
      let sum = 0;
      let tokens = 0;
      for (const batch of batches.validation) {
        signal?.throwIfAborted();
        writeBatch(workspace, batch);
        const started = performance.now();
        const launches = workspace.run(['validate'], {}, { clear: [LOSS_SUM.buffer] });
        sum += (await read(LOSS_SUM.buffer))[0] ?? Number.NaN;
        workspace.pace((performance.now() - started) / 1000, launches);
        tokens += batch.counted;
      }
      return { loss: sum / tokens, tokens };
    },

    async blockNorms() {
      if (lastStep === undefined) return []; // no gradient yet, or that of a session before this one
      norms ??= openBlockNorms(gpu, plan, run, (name) => workspace.buffer(name));
      return (await norms).read(lastStep);
    },

    async adapter() {
      return {
        config: adapterConfig(run),
        values: await read(ADAPTER.values.buffer),
        base: { name: base.name, fingerprint: base.fingerprint, config },
        metadata: { steps: String(stepsDone), seed: String(run.seed) },
      };
    },

    async snapshot() {
      return {
        run,
        step: stepsDone,
        adapter: await trainer.adapter(),
        m: await read(OPTIMIZER.m.buffer),
        v: await read(OPTIMIZER.v.buffer),
        gpu: gpu.info.name,
        kernels,
      };
    },

    inference: inferenceAdapter(config, run, (name) =>
      ownsAdapter(name) ? workspace.buffer(name) : undefined,
    ),

    generator(capacity) {
      return createGenerator(base, capacity, trainer.inference);
    },

    destroy: () => {
      void norms?.then((reader) => {
        reader.destroy();
      });
      workspace.destroy();
    },
  };
  return trainer;
}

function ownsAdapter(name: string): boolean {
  return Object.values(ADAPTER).some(({ buffer }) => buffer === name);
}

/** The update of such a step was left out on the GPU, so the adapter is still that of the step before. */
function diverged(step: number, { learning_rate }: RunConfig): UserError {
  const problem = `step ${step} gave a loss or gradient that is no longer a number`;
  return new UserError('learning_rate', problem, `lower it (it is ${learning_rate}) and train again`);
}
