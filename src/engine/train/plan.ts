import { UserError } from '../../config/errors';
import type { RunConfig } from '../../config/runConfig';
import { adapterActivations, adapterHook } from '../adapters/block';
import { adapterLayout, adapterScale, expertsOf, type AdapterLayout } from '../adapters/layout';
import {
  ADAPTER,
  adapterBuffers,
  gradientLayout,
  presumLaunches,
  type GradientLayout,
} from '../adapters/lowRankLayout';
import { routerCount } from '../adapters/routed';
import type { BufferPart, BufferSpec } from '../gpu/dispatch';
import { completePlan, requireBindable, type Plan } from '../gpu/workspace';
import { planActivations } from '../model/activations';
import { backward, backwardBuffers, loss, lossBuffers } from '../model/backward';
import { forward, forwardBuffers, type Pass } from '../model/forward';
import type { LlamaConfig } from '../model/llamaConfig';
import type { ModelWeights } from '../model/weights';
import { ANY_DEVICE, type KernelChoice } from '../ops/gemm/choice';
import { adamw, blockCount, PARTIALS_BYTES } from '../ops/adamw';

/** Buffers of the optimiser. */
export const OPTIMIZER = {
  m: { buffer: 'adam m' }, // f32 [P]
  v: { buffer: 'adam v' }, // f32 [P]
  blocks: { buffer: 'adam blocks' }, // u32 [blocks, 3]
  partials: { buffer: 'norm partials' },
  norm: { buffer: 'gradient norm' }, // f32 [2]: norm before clipping, clip factor
} as const;

/** Most steps that are under way at once. */
export const MOST_AHEAD = 3;

/** f32 [2 + …], the summed loss, the gradient norm and the routers' totals of a step for the CPU; of a ring, one for each
 * step under way. */
export function stepResult(step: number): string {
  return `step result ${step % MOST_AHEAD}`;
}

export interface TrainingInput {
  readonly config: LlamaConfig;
  readonly weights: ModelWeights;
  readonly run: RunConfig;
  /** Which kernels compute the frozen GEMMs; the buffers do not depend on it. */
  readonly kernels?: KernelChoice;
  /** Largest storage binding in bytes (device.limits.maxStorageBufferBindingSize). */
  readonly maxBinding: number;
  /**
   * Bytes that a run may take before `gradient_checkpointing: auto` turns it on; no limit unless given. WebGPU tells
   * nobody how much memory there is, so callers give device.limits.maxBufferSize: what fits into a single buffer
   * fits in pieces too.
   */
  readonly memoryBudget?: number | undefined;
}

/**
 * A whole run, before anything is allocated: what the trainer allocates is exactly `buffers` (less the weights,
 * which are the base model's), and the memory figure shown before the start is their sum.
 *
 * Programs: `micro` (forward, loss, backward of one micro-batch), `update` (AdamW, presum), `presum`, `validate`
 * (forward and loss without dropout).
 */
export interface TrainingPlan extends Plan {
  readonly layout: AdapterLayout;
  readonly gradients: GradientLayout;
  /** N, rows of one micro-batch. */
  readonly rows: number;
  readonly bytes: Readonly<Record<BufferPart, number>> & { readonly total: number };
  /** Whether the backward pass computes each layer's activations again. */
  readonly recomputed: boolean;
  readonly trainableParameters: number;
  readonly baseParameters: number;
}

/**
 * Plans a run; pure, so that a form can call it whenever a knob moves.
 *
 * @throws UserError when a setting does not fit the model or the adapter's buffer the GPU's limits
 */
export function planTraining(input: TrainingInput): TrainingPlan {
  const { run, memoryBudget = Number.POSITIVE_INFINITY } = input;
  if (run.gradient_checkpointing === 'on') return planWith(input, true);
  const plan = planWith(input, false);
  if (run.gradient_checkpointing === 'off' || plan.bytes.total <= memoryBudget) return plan;
  return planWith(input, true);
}

function planWith(input: TrainingInput, recomputed: boolean): TrainingPlan {
  const { config, weights, run, kernels = ANY_DEVICE, maxBinding } = input;
  requireFit(config, run);
  const layout = adapterLayout(run, config);
  const rows = run.per_device_train_batch_size * run.max_length;
  const perExpert = run.dropout_mode === 'per_expert' && run.lora_dropout > 0;
  const gradients = gradientLayout(layout, perExpert);
  const activations = planActivations(config, rows, true, recomputed);
  const block = {
    config,
    layout,
    r: run.r,
    scale: adapterScale(run),
    rows,
    perExpert,
    topK: run.top_k,
    balance: run.router_aux_loss_coef,
    keep: true,
  };
  const pass = (dropout: number): Pass => ({
    config,
    weights,
    activations,
    adapter: adapterHook({ ...block, dropout }),
    kernels,
    maxBinding,
  });
  const blocks = blockCount(gradients.runs);
  const update = adamw({
    weights: ADAPTER.values,
    gradient: ADAPTER.gradient,
    ...OPTIMIZER,
    runs: gradients.runs,
    weightDecay: run.weight_decay,
    maxGradNorm: run.max_grad_norm,
  });
  const sums = presumLaunches(layout);
  const totals = routerTotals(layout, config);
  const training = pass(run.lora_dropout);
  const validation = pass(0);
  const plan = completePlan(
    [
      ...forwardBuffers(config, rows, run.max_length),
      ...lossBuffers(config, rows, maxBinding),
      ...backwardBuffers(config, rows),
      ...activations.buffers,
      ...adapterActivations({ ...block, dropout: run.lora_dropout }),
      ...adapterBuffers(layout),
      ...optimizerBuffers(layout.size, gradients.size, blocks, totals),
    ],
    {
      micro: [...forward(training), ...loss(training, true), ...backward(training)],
      update: [...update, ...sums],
      presum: sums,
      validate: [...forward(validation), ...loss(validation, false)],
    },
  );
  requireBindable(plan, maxBinding);
  return {
    ...plan,
    layout,
    gradients,
    rows,
    bytes: sumByPart([...plan.buffers, ...weights.buffers]),
    recomputed,
    trainableParameters: layout.size,
    baseParameters: weights.count,
  };
}

function requireFit(config: LlamaConfig, run: RunConfig): void {
  if (run.max_length > config.maxPositions) {
    const problem = `${run.max_length} tokens are more than the ${config.maxPositions} positions of this model`;
    throw new UserError('max_length', problem, `set it to ${config.maxPositions} or less`);
  }
}

/** Elements of the routers' totals of a step; 0 without routers. */
export function routerTotals(layout: AdapterLayout, config: LlamaConfig): number {
  return routerCount(layout, config) * expertsOf(layout.block) * 4;
}

function optimizerBuffers(weights: number, gradients: number, blocks: number, totals: number): BufferSpec[] {
  const buffer = (name: string, bytes: number): BufferSpec => ({ name, bytes, part: 'optimizer' });
  return [
    buffer(ADAPTER.gradient.buffer, gradients * 4),
    buffer(OPTIMIZER.m.buffer, weights * 4),
    buffer(OPTIMIZER.v.buffer, weights * 4),
    buffer(OPTIMIZER.blocks.buffer, blocks * 12),
    buffer(OPTIMIZER.partials.buffer, PARTIALS_BYTES),
    buffer(OPTIMIZER.norm.buffer, 8),
    ...Array.from({ length: MOST_AHEAD }, (_, slot): BufferSpec => ({
      name: stepResult(slot),
      bytes: 8 + totals * 4,
      part: 'io',
      usage: 'staging',
    })),
  ];
}

function sumByPart(buffers: readonly BufferSpec[]): TrainingPlan['bytes'] {
  const bytes = { weights: 0, adapter: 0, optimizer: 0, activations: 0, cache: 0, io: 0, total: 0 };
  for (const buffer of buffers) {
    bytes[buffer.part] += buffer.bytes;
    bytes.total += buffer.bytes;
  }
  return bytes;
}
