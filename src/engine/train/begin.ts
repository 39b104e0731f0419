import { UserError } from '../../config/errors';
import type { RunConfig } from '../../config/runConfig';
import { initialValues } from '../adapters/initialise';
import { ADAPTER, adapterTables } from '../adapters/lowRankLayout';
import type { GpuDevice } from '../gpu/device';
import { openWorkspace, type OnCompile, type Workspace } from '../gpu/workspace';
import type { BaseModel } from '../model/baseModel';
import { INPUT } from '../model/forward';
import { ropeTable } from '../model/ropeTable';
import { blockTable } from '../ops/adamw';
import { canRun, describeKernels, type KernelChoice } from '../ops/gemm/choice';
import { OPTIMIZER, planTraining, type TrainingPlan } from './plan';
import type { Snapshot } from './snapshot';

/** What a run begins with. */
export interface TrainingStart {
  readonly run: RunConfig;
  /** Goes on from here instead of starting anew. */
  readonly resume?: Snapshot | undefined;
  /** Which kernels compute the frozen GEMMs; a resumed run keeps those that it began with. */
  readonly kernels?: KernelChoice | undefined;
  /** Starts from these values, f32 [P] by adapterLayout, instead of the seed's. */
  readonly values?: Float32Array<ArrayBuffer>;
  readonly onCompile?: OnCompile;
}

/**
 * Allocates what a run needs, compiles its kernels, and writes the adapter, the optimiser's state and all tables.
 *
 * @throws UserError where the snapshot to go on from does not fit
 */
export async function beginTraining(
  base: BaseModel,
  { run, resume, kernels: wanted, values, onCompile }: TrainingStart,
): Promise<{ readonly plan: TrainingPlan; readonly kernels: KernelChoice; readonly workspace: Workspace }> {
  const { config, weights, gpu } = base;
  const { maxStorageBufferBindingSize: maxBinding, maxBufferSize: memoryBudget } = gpu.device.limits;
  const kernels = resume?.kernels ?? wanted ?? base.kernels;
  const plan = planTraining({ config, weights, run, kernels, maxBinding, memoryBudget });
  if (resume !== undefined) requireResumable(resume, plan, gpu);
  const start = resume?.adapter.values ?? values ?? initialValues(plan.layout, run.seed);
  const rope = ropeTable(config, run.max_length);
  const workspace = await openWorkspace(gpu, plan, {
    shared: base.buffer,
    warmUp: true,
    onProgress: onCompile,
  });
  workspace.write(INPUT.ropeTable.buffer, rope);
  workspace.write(OPTIMIZER.blocks.buffer, blockTable(plan.gradients.runs));
  for (const [name, table] of adapterTables(plan.layout)) workspace.write(name, table);
  workspace.write(ADAPTER.values.buffer, start);
  workspace.write(OPTIMIZER.m.buffer, resume?.m ?? new Float32Array(plan.layout.size));
  workspace.write(OPTIMIZER.v.buffer, resume?.v ?? new Float32Array(plan.layout.size));
  workspace.write(OPTIMIZER.norm.buffer, new Float32Array(2));
  return { plan, kernels, workspace };
}

/** A snapshot must have been made with this adapter's shape, and with kernels that this device can run. */
function requireResumable(
  { adapter, m, v, kernels, gpu: made }: Snapshot,
  { layout }: TrainingPlan,
  gpu: GpuDevice,
): void {
  if ([adapter.values, m, v].some((values) => values.length !== layout.size)) {
    const problem = 'it belongs to an adapter of another shape';
    throw new UserError('snapshot', problem, 'resume with the settings and the model that it was made with');
  }
  if (!canRun(kernels, gpu)) {
    const problem = `it was made with kernels (${describeKernels(kernels)}) that this GPU cannot run`;
    throw new UserError('snapshot', problem, `resume it on the GPU that made it (${made})`);
  }
}
