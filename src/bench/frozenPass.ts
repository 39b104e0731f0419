import type { BaseModel } from '../engine';
import type { MicroBatch } from '../engine/data/batch';
import { readFloats } from '../engine/gpu/readback';
import { completePlan, openWorkspace, type Plan } from '../engine/gpu/workspace';
import { planActivations } from '../engine/model/activations';
import { backward, backwardBuffers, DRESIDUAL, loss, LOSS_SUM, lossBuffers } from '../engine/model/backward';
import { forward, forwardBuffers, INPUT, type Pass } from '../engine/model/forward';
import { NO_ADAPTER } from '../engine/model/linear';
import { ropeTable } from '../engine/model/ropeTable';
import type { KernelChoice } from '../engine/ops/gemm/choice';
import { writeBatch } from '../engine/train/writeBatch';
import type { Subject } from './timing';

/**
 * Forward, loss and the gradients of all activations of the base model as it is: what a training step would cost if
 * its adapter cost nothing.
 */
export interface FrozenPass extends Subject {
  /** Mean loss of the batch, out of one run. */
  loss(): Promise<number>;
  destroy(): void;
}

export async function openFrozenPass(
  base: BaseModel,
  batch: MicroBatch,
  kernels: KernelChoice,
): Promise<FrozenPass> {
  const { gpu, config } = base;
  const rows = batch.tokens.length;
  const workspace = await openWorkspace(gpu, planFrozenPass(base, rows, kernels), { shared: base.buffer });
  workspace.write(INPUT.ropeTable.buffer, ropeTable(config, rows));
  writeBatch(workspace, batch);
  workspace.write(INPUT.last.buffer, batch.last);
  const once = () =>
    workspace.run(['pass'], { invTokens: 1 / batch.counted }, { clear: [DRESIDUAL.buffer, LOSS_SUM.buffer] });
  const lossSum = async () =>
    (await readFloats(gpu.device, workspace.buffer(LOSS_SUM.buffer)))[0] ?? Number.NaN;
  return {
    name: 'frozen pass',
    async run(times) {
      // As the trainer: the loss is read after every pass, and the submits are paced.
      for (let i = 0; i < times; i++) {
        const started = performance.now();
        const launches = once();
        await lossSum();
        workspace.pace((performance.now() - started) / 1000, launches);
      }
    },
    async loss() {
      once();
      return (await lossSum()) / batch.counted;
    },
    destroy: () => {
      workspace.destroy();
    },
  };
}

function planFrozenPass({ config, weights, gpu }: BaseModel, rows: number, kernels: KernelChoice): Plan {
  const maxBinding = gpu.device.limits.maxStorageBufferBindingSize;
  const activations = planActivations(config, rows, true);
  const pass: Pass = { config, weights, activations, adapter: NO_ADAPTER, kernels, maxBinding };
  return completePlan(
    [
      ...forwardBuffers(config, rows, rows),
      ...lossBuffers(config, rows, maxBinding),
      ...backwardBuffers(config, rows),
      ...activations.buffers,
    ],
    { pass: [...forward(pass), ...loss(pass, true), ...backward(pass)] },
  );
}
