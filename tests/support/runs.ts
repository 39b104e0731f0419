import { defaultRunConfig } from '../../src/config/defaults';
import type { RunConfig } from '../../src/config/runConfig';
import { initialValues } from '../../src/engine/adapters/initialise';
import { ADAPTER, adapterTables } from '../../src/engine/adapters/lowRankLayout';
import { ROUTER } from '../../src/engine/adapters/routed';
import type { MicroBatch } from '../../src/engine/data/batch';
import { readFloats } from '../../src/engine/gpu/readback';
import type { StepNumbers } from '../../src/engine/gpu/program';
import { openWorkspace } from '../../src/engine/gpu/workspace';
import { DRESIDUAL, LOSS_SUM } from '../../src/engine/model/backward';
import type { BaseModel } from '../../src/engine/model/baseModel';
import { INPUT } from '../../src/engine/model/forward';
import { ropeTable } from '../../src/engine/model/ropeTable';
import { planTraining } from '../../src/engine/train/plan';
import { writeBatch } from '../../src/engine/train/writeBatch';
import type { MicroBatch as PlainBatch } from '../reference/llama';

/** A run's settings for a test: one line of `rows` rows, no accumulation, and what the test changes. */
export function testRun(layers: number, rows: number, settings: Partial<RunConfig>): RunConfig {
  return {
    ...defaultRunConfig(layers),
    per_device_train_batch_size: 1,
    gradient_accumulation_steps: 1,
    max_length: rows,
    ...settings,
  };
}

/** A reference's batch as the engine takes it, filled up to `rows` rows with padding. */
export function engineBatch(batch: PlainBatch, rows = batch.tokens.length): MicroBatch {
  const own = Uint32Array.from({ length: rows }, (_, row) => row);
  const padded = <T extends Uint32Array | Int32Array>(padding: T, values: ArrayLike<number>): T => {
    padding.set(values);
    return padding;
  };
  return {
    tokens: padded(new Uint32Array(rows), batch.tokens),
    targets: padded(new Int32Array(rows).fill(-100), batch.targets),
    positions: padded(new Uint32Array(rows), batch.positions),
    first: padded(own.slice(), batch.first),
    last: padded(own.slice(), batch.last),
    counted: Array.from(batch.targets).filter((target) => target >= 0).length,
  };
}

/**
 * Loss and gradient of one micro-batch by the engine's `micro` program.
 *
 * @returns mean loss, and the gradient of every trainable tensor as PyTorch has it, flat by adapterLayout
 */
export async function engineGradient(
  base: BaseModel,
  run: RunConfig,
  batch: MicroBatch,
  values: Float32Array<ArrayBuffer> | undefined,
  numbers: StepNumbers = {},
  maxBinding = base.gpu.device.limits.maxStorageBufferBindingSize,
): Promise<{ loss: number; gradient: Float32Array }> {
  const { config, gpu } = base;
  const plan = planTraining({ ...base, run, maxBinding });
  const workspace = await openWorkspace(gpu, plan, { shared: base.buffer });
  try {
    workspace.write(INPUT.ropeTable.buffer, ropeTable(config, run.max_length));
    workspace.write(ADAPTER.values.buffer, values ?? initialValues(plan.layout, run.seed));
    for (const [name, table] of adapterTables(plan.layout)) workspace.write(name, table);
    const routed = plan.layout.block.mix === 'router';
    writeBatch(workspace, batch);
    workspace.write(INPUT.last.buffer, batch.last);
    workspace.run(
      ['presum', 'micro'],
      { seed: run.seed, invTokens: 1 / batch.counted, ...numbers },
      {
        clear: [
          DRESIDUAL.buffer,
          ADAPTER.gradient.buffer,
          LOSS_SUM.buffer,
          ...(routed ? [ROUTER.totals.buffer] : []),
        ],
      },
    );
    const sums = await readFloats(gpu.device, workspace.buffer(LOSS_SUM.buffer));
    const stored = await readFloats(gpu.device, workspace.buffer(ADAPTER.gradient.buffer));
    const gradient = new Float32Array(plan.layout.size);
    for (const { weight, gradient: at, length } of plan.gradients.runs) {
      gradient.set(stored.subarray(at, at + length), weight);
    }
    return { loss: sums[0]! / batch.counted, gradient };
  } finally {
    workspace.destroy();
  }
}
