import type { RunConfig } from '../../config/runConfig';
import { ADAPTER } from '../adapters/lowRankLayout';
import type { GpuDevice } from '../gpu/device';
import type { BufferSpec } from '../gpu/dispatch';
import { readFloats } from '../gpu/readback';
import { completePlan, openWorkspace } from '../gpu/workspace';
import { ADAMW } from '../ops/adamw';
import { tensorNorms, tensorTable } from '../ops/tensorNorms';
import { OPTIMIZER, type TrainingPlan } from './plan';

/** How large the gradient and the update of one trainable tensor were in a step. */
export interface BlockNorm {
  /** By adapterLayout, for example `groups.0.self_attn.q_proj.lora_A.1.weight`. */
  readonly name: string;
  /** ‖dW‖, before clipping. The squares of all add up to that of the step's grad_norm. */
  readonly gradient: number;
  /** ‖ΔW‖, what the step really changed, weight decay included. */
  readonly update: number;
}

/** The step whose norms are wanted: the last one done. */
export interface NormStep {
  /** Optimiser steps done, this one included. */
  readonly step: number;
  readonly learning_rate: number;
}

/** Reads the norms of a trainer's tensors. */
export interface BlockNormReader {
  readonly allocatedBytes: number;
  read(step: NormStep): Promise<readonly BlockNorm[]>;
  destroy(): void;
}

const TENSORS = 'norm tensors'; // u32 [T, 3]
const NORMS = 'block norms'; // f32 [T, 2]

/**
 * Prepares the reading. It has buffers of its own (20 bytes a tensor) and only reads the trainer's, so that a run has
 * the same bits with and without it; what it reads is of one step only when no step is under way.
 *
 * @param buffer finds the trainer's buffers
 */
export async function openBlockNorms(
  gpu: GpuDevice,
  { layout, gradients }: Pick<TrainingPlan, 'layout' | 'gradients'>,
  { weight_decay }: Pick<RunConfig, 'weight_decay'>,
  buffer: (name: string) => GPUBuffer,
): Promise<BlockNormReader> {
  const count = layout.tensors.length;
  const own = (name: string, bytes: number): BufferSpec => ({ name, bytes, part: 'io' });
  const plan = completePlan([own(TENSORS, count * 12), own(NORMS, count * 8)], {
    norms: [
      tensorNorms({
        weights: ADAPTER.values,
        gradient: ADAPTER.gradient,
        m: OPTIMIZER.m,
        v: OPTIMIZER.v,
        tensors: { buffer: TENSORS },
        norms: { buffer: NORMS },
        count,
        weightDecay: weight_decay,
      }),
    ],
  });
  const workspace = await openWorkspace(gpu, plan, { shared: buffer });
  workspace.write(TENSORS, tensorTable(gradients.runs));
  return {
    allocatedBytes: workspace.allocatedBytes,
    async read({ step, learning_rate }) {
      const bias = { bias1: 1 - ADAMW.beta1 ** step, bias2: 1 - ADAMW.beta2 ** step };
      workspace.run(['norms'], { learningRate: learning_rate, ...bias });
      const norms = await readFloats(gpu.device, workspace.buffer(NORMS));
      return layout.tensors.map(({ name }, index) => ({
        name,
        gradient: norms[2 * index] ?? Number.NaN,
        update: norms[2 * index + 1] ?? Number.NaN,
      }));
    },
    destroy: () => {
      workspace.destroy();
    },
  };
}
