import type { MicroBatch } from '../data/batch';
import { readFloats } from '../gpu/readback';
import { completePlan, openWorkspace, type Plan } from '../gpu/workspace';
import type { KernelChoice } from '../ops/gemm/choice';
import { planActivations } from '../model/activations';
import { loss, LOSS_SUM, lossBuffers } from '../model/backward';
import type { BaseModel } from '../model/baseModel';
import { forward, forwardBuffers, INPUT, type Pass } from '../model/forward';
import type { InferenceAdapter } from '../model/decoder';
import { NO_ADAPTER } from '../model/linear';
import type { LlamaConfig } from '../model/llamaConfig';
import { ropeTable } from '../model/ropeTable';
import type { ModelWeights } from '../model/weights';
import { writeBatch } from './writeBatch';

export interface Evaluation {
  /** Mean over the counted tokens, in nats. */
  readonly loss: number;
  /** Counted tokens. */
  readonly tokens: number;
}

/** Plans forward and loss of `rows` rows without anything for a backward pass. */
export function planEvaluation(
  config: LlamaConfig,
  weights: ModelWeights,
  adapter: Pick<InferenceAdapter, 'hook' | 'scratch'> | undefined,
  rows: number,
  kernels: KernelChoice,
  maxBinding: number,
): Plan {
  const activations = planActivations(config, rows, false);
  const hook = adapter?.hook(rows) ?? NO_ADAPTER;
  const pass: Pass = { config, weights, activations, adapter: hook, kernels, maxBinding };
  return completePlan(
    [
      ...forwardBuffers(config, rows, rows),
      ...lossBuffers(config, rows, maxBinding),
      ...activations.buffers,
      ...(adapter?.scratch(rows) ?? []),
    ],
    { evaluate: [...forward(pass), ...loss(pass, false)] },
  );
}

/**
 * Mean cross-entropy over the counted tokens of all batches, without dropout.
 *
 * @param batches all of one size N
 * @param onProgress batches done
 * @param signal stops between batches
 */
export async function evaluate(
  base: BaseModel,
  batches: readonly MicroBatch[],
  options: {
    readonly adapter?: InferenceAdapter | undefined;
    readonly onProgress?: (done: number, total: number) => void;
    readonly signal?: AbortSignal;
  } = {},
): Promise<Evaluation> {
  const { config, gpu } = base;
  const { adapter } = options;
  const rows = batches[0]?.tokens.length ?? 0;
  if (rows === 0) throw new Error('there is nothing to evaluate');
  const maxBinding = gpu.device.limits.maxStorageBufferBindingSize;
  const plan = planEvaluation(config, base.weights, adapter, rows, base.kernels, maxBinding);
  const workspace = await openWorkspace(gpu, plan, {
    shared: (name) => base.buffer(name) ?? adapter?.buffer(name),
  });
  try {
    workspace.write(INPUT.ropeTable.buffer, ropeTable(config, rows));
    let sum = 0;
    let tokens = 0;
    for (const [index, batch] of batches.entries()) {
      options.signal?.throwIfAborted();
      writeBatch(workspace, batch);
      const started = performance.now();
      const launches = workspace.run(['evaluate'], {}, { clear: [LOSS_SUM.buffer] });
      sum += (await readFloats(gpu.device, workspace.buffer(LOSS_SUM.buffer)))[0] ?? Number.NaN;
      workspace.pace((performance.now() - started) / 1000, launches);
      tokens += batch.counted;
      options.onProgress?.(index + 1, batches.length);
    }
    return { loss: sum / tokens, tokens };
  } finally {
    workspace.destroy();
  }
}
