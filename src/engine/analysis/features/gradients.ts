import { defaultRunConfig } from '../../../config/defaults';
import type { AdapterConfig } from '../../adapters/adapter';
import { ADAPTER } from '../../adapters/lowRankLayout';
import type { MicroBatch } from '../../data/batch';
import { readFloats } from '../../gpu/readback';
import { completePlan, openWorkspace } from '../../gpu/workspace';
import { DRESIDUAL, LOSS_SUM } from '../../model/backward';
import type { BaseModel } from '../../model/baseModel';
import { INPUT } from '../../model/forward';
import type { InferenceAdapter } from '../../model/decoder';
import { ropeTable } from '../../model/ropeTable';
import { planTraining } from '../../train/plan';
import { writeBatch } from '../../train/writeBatch';

/** What the dropout masks of the pass are drawn from. */
export interface MaskNumbers {
  readonly seed: number;
  /** Optimiser steps done. */
  readonly step: number;
}

/**
 * The gradient that a step of training on one batch would use, of the mean loss over its counted tokens. The pass is
 * that of training (dropout included) on buffers of its own: an adapter in the middle of a run is only read.
 *
 * @param settings of the adapter
 * @returns f32 [P], flat by adapterLayout; experts that share a gradient each have it
 * @throws UserError when a training pass over the batch does not fit in the GPU's memory
 */
export async function adapterGradient(
  base: BaseModel,
  settings: AdapterConfig,
  adapter: InferenceAdapter,
  batch: MicroBatch,
  { seed, step }: MaskNumbers,
): Promise<Float32Array<ArrayBuffer>> {
  const { config, weights, kernels, gpu } = base;
  const rows = batch.tokens.length;
  const { maxStorageBufferBindingSize: maxBinding, maxBufferSize: memoryBudget } = gpu.device.limits;
  const training = { per_device_train_batch_size: 1, max_length: rows, gradient_accumulation_steps: 1 };
  const run = { ...defaultRunConfig(config.layers), ...settings, ...training };
  const whole = planTraining({ config, weights, run, kernels, maxBinding, memoryBudget });
  const micro = whole.programs['micro'] ?? [];
  const bound = new Set(micro.flatMap(({ bind }) => Object.values(bind).map(({ buffer }) => buffer)));
  const isOwn = (name: string) => name === ADAPTER.gradient.buffer || adapter.buffer(name) === undefined;
  const buffers = whole.buffers.filter(({ name }) => bound.has(name) && isOwn(name));
  const workspace = await openWorkspace(gpu, completePlan(buffers, { micro }), {
    shared: (name) => base.buffer(name) ?? adapter.buffer(name),
  });
  try {
    workspace.write(INPUT.ropeTable.buffer, ropeTable(config, rows));
    writeBatch(workspace, batch);
    workspace.write(INPUT.last.buffer, batch.last);
    const clear = [DRESIDUAL.buffer, ADAPTER.gradient.buffer, LOSS_SUM.buffer];
    workspace.run(['micro'], { seed, step, invTokens: 1 / batch.counted }, { clear });
    const stored = await readFloats(gpu.device, workspace.buffer(ADAPTER.gradient.buffer));
    const gradient = new Float32Array(whole.layout.size);
    for (const { weight, gradient: at, length } of whole.gradients.runs) {
      gradient.set(stored.subarray(at, at + length), weight);
    }
    return gradient;
  } finally {
    workspace.destroy();
  }
}
