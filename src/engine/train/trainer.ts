import { UserError } from '../../config/errors';
import type { RunConfig } from '../../config/runConfig';
import { adapterConfig, type Adapter } from '../adapters/adapter';
import { inferenceAdapter } from '../adapters/attach';
import { initialValues } from '../adapters/initialise';
import { ADAPTER, presumStacks } from '../adapters/lowRankLayout';
import type { MicroBatch } from '../data/batch';
import { readFloats, readStaging } from '../gpu/readback';
import { openWorkspace, type Workspace } from '../gpu/workspace';
import { DRESIDUAL, LOSS_SUM } from '../model/backward';
import type { BaseModel } from '../model/baseModel';
import { INPUT } from '../model/forward';
import { createGenerator, type Generator } from '../model/generate';
import { ropeTable } from '../model/ropeTable';
import { ADAMW, blockTable } from '../ops/adamw';
import { stackTable } from '../ops/lowRank';
import { GEMM_KERNELS } from '../ops/matmul';
import { OPTIMIZER, planTraining, STEP_RESULT, type TrainingPlan } from './plan';
import { learningRate } from './schedule';
import type { Snapshot } from './snapshot';
import { writeBatch } from './writeBatch';

/** What a run learns from; a pure function of the step, so that a resumed run sees what an unbroken one does. */
export interface TrainingBatches {
  batchFor(step: number, micro: number): MicroBatch;
  readonly validation: readonly MicroBatch[];
}

export interface StepMetrics {
  /** Optimiser steps done, this one included. */
  readonly step: number;
  /** Mean over the counted tokens of the effective batch, in nats, before the update. */
  readonly loss: number;
  readonly learning_rate: number;
  /** Global gradient norm before clipping. */
  readonly grad_norm: number;
  /** Counted tokens of the effective batch. */
  readonly tokens: number;
  readonly seconds: number;
}

export interface Trainer {
  readonly plan: TrainingPlan;
  /** Name of the kernels that the run's bits depend on. */
  readonly kernels: string;
  /** Bytes really allocated, the base model's included. */
  readonly allocatedBytes: number;
  readonly stepsDone: number;
  /**
   * One optimiser step over all micro-batches.
   *
   * @throws UserError when the loss or the gradient is no number; the adapter is then as before the step
   */
  step(): Promise<StepMetrics>;
  /** Mean loss over the held-out part, without dropout; changes nothing of the run. */
  validate(signal?: AbortSignal): Promise<{ readonly loss: number; readonly tokens: number }>;
  /** A copy of the adapter as it is now. */
  adapter(): Promise<Adapter>;
  /** Everything that a later session needs to go on as if nothing had happened. */
  snapshot(): Promise<Snapshot>;
  /** Continues texts with the adapter as it is at every moment. */
  generator(capacity: number): Promise<Generator>;
  destroy(): void;
}

export interface TrainerOptions {
  readonly run: RunConfig;
  readonly batches: TrainingBatches;
  /** Goes on from here instead of starting anew. */
  readonly resume?: Snapshot | undefined;
  /** Starts from these values, f32 [P] by adapterLayout, instead of the seed's. */
  readonly values?: Float32Array<ArrayBuffer>;
  /** Kernels compiled so far and in all. */
  readonly onCompile?: (done: number, total: number) => void;
}

/** Allocates a run's plan, compiles its kernels and puts the adapter in place. */
export async function createTrainer(base: BaseModel, options: TrainerOptions): Promise<Trainer> {
  const { run, batches, resume } = options;
  const { config, weights, gpu } = base;
  const { device } = gpu;
  const maxBinding = device.limits.maxStorageBufferBindingSize;
  const plan = planTraining({ config, weights, run, maxBinding });
  if (resume !== undefined) requireResumable(resume, plan);
  const start = resume?.adapter.values ?? options.values ?? initialValues(plan.layout, run.seed);
  const rope = ropeTable(config, run.max_length);
  const workspace = await openWorkspace(gpu, plan, { shared: base.buffer, onProgress: options.onCompile });
  workspace.write(INPUT.ropeTable.buffer, rope);
  writeTables(workspace, plan);
  workspace.write(ADAPTER.values.buffer, start);
  if (resume !== undefined) {
    workspace.write(OPTIMIZER.m.buffer, resume.m);
    workspace.write(OPTIMIZER.v.buffer, resume.v);
  }
  workspace.run(['presum'], {});
  const launches =
    (plan.programs.micro?.length ?? 0) * run.gradient_accumulation_steps +
    (plan.programs.update?.length ?? 0);
  let stepsDone = resume?.step ?? 0;
  const read = (name: string) => readFloats(device, workspace.buffer(name));

  const trainer: Trainer = {
    plan,
    kernels: GEMM_KERNELS,
    allocatedBytes: base.bytes + workspace.allocatedBytes,
    get stepsDone() {
      return stepsDone;
    },

    async step() {
      const started = performance.now();
      const step = stepsDone;
      const micros = Array.from({ length: run.gradient_accumulation_steps }, (_, micro) =>
        batches.batchFor(step, micro),
      );
      const tokens = micros.reduce((sum, { counted }) => sum + counted, 0);
      const rate = learningRate(step, run);
      if (tokens === 0) throw new Error(`no token of step ${step + 1} counts in the loss`);
      const numbers = { seed: run.seed, step, invTokens: 1 / tokens, learningRate: rate };
      micros.forEach((batch, micro) => {
        writeBatch(workspace, batch);
        workspace.write(INPUT.last.buffer, batch.last);
        const first = micro === 0 ? [ADAPTER.gradient.buffer, LOSS_SUM.buffer] : [];
        workspace.run(['micro'], { ...numbers, micro }, { clear: [DRESIDUAL.buffer, ...first] });
      });
      const t = step + 1;
      const bias = { bias1: 1 - ADAMW.beta1 ** t, bias2: 1 - ADAMW.beta2 ** t };
      const copy = (from: string, toOffset: number) => ({
        from,
        offset: 0,
        to: STEP_RESULT,
        toOffset,
        bytes: 4,
      });
      workspace.run(
        ['update'],
        { ...numbers, ...bias },
        { copy: [copy(LOSS_SUM.buffer, 0), copy(OPTIMIZER.norm.buffer, 4)] },
      );
      const result = await readStaging(device, workspace.buffer(STEP_RESULT));
      const [sum = Number.NaN, norm = Number.NaN] = new Float32Array(result);
      const seconds = (performance.now() - started) / 1000;
      workspace.pace(seconds, launches);
      if (!Number.isFinite(sum) || !Number.isFinite(norm)) throw diverged(t, run);
      stepsDone = t;
      return { step: t, loss: sum / tokens, learning_rate: rate, grad_norm: norm, tokens, seconds };
    },

    async validate(signal) {
      let sum = 0;
      let tokens = 0;
      for (const batch of batches.validation) {
        signal?.throwIfAborted();
        writeBatch(workspace, batch);
        workspace.run(['validate'], {}, { clear: [LOSS_SUM.buffer] });
        sum += (await read(LOSS_SUM.buffer))[0] ?? Number.NaN;
        tokens += batch.counted;
      }
      return { loss: sum / tokens, tokens };
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
        kernels: GEMM_KERNELS,
      };
    },

    generator(capacity) {
      const find = (name: string) => (ownsAdapter(name) ? workspace.buffer(name) : undefined);
      return createGenerator(base, capacity, inferenceAdapter(config, run, maxBinding, find));
    },

    destroy: () => {
      workspace.destroy();
    },
  };
  return trainer;
}

function ownsAdapter(name: string): boolean {
  return Object.values(ADAPTER).some(({ buffer }) => buffer === name);
}

function writeTables(workspace: Workspace, plan: TrainingPlan): void {
  const stacks = presumStacks(plan.layout);
  workspace.write(OPTIMIZER.blocks.buffer, blockTable(plan.gradients.runs));
  if (stacks.length > 0) workspace.write(ADAPTER.stacks.buffer, stackTable(stacks));
}

/** A snapshot must have been made with this adapter's shape and these kernels. */
function requireResumable({ adapter, m, v, kernels }: Snapshot, { layout }: TrainingPlan): void {
  if ([adapter.values, m, v].some((values) => values.length !== layout.size)) {
    const problem = 'it belongs to an adapter of another shape';
    throw new UserError('snapshot', problem, 'resume with the settings and the model that it was made with');
  }
  if (kernels !== GEMM_KERNELS) {
    const problem = `it was made with other kernels (${kernels}), so the run would not go on with equal bits`;
    throw new UserError('snapshot', problem, 'resume it with the version of the program that made it');
  }
}

/** The update of such a step was left out on the GPU, so the adapter is still that of the step before. */
function diverged(step: number, { learning_rate }: RunConfig): UserError {
  const problem = `step ${step} gave a loss or gradient that is no longer a number`;
  return new UserError('learning_rate', problem, `lower it (it is ${learning_rate}) and train again`);
}
