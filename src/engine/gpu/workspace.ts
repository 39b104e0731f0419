import { allocate } from './buffers';
import type { BufferSpec, Dispatch } from './dispatch';
import type { GpuDevice } from './device';
import { arenaBytes, prepareProgram, STEP_BYTES, stepBytes, type Program, type StepNumbers } from './program';

/** Everything that a piece of work needs, before anything is allocated. */
export interface Plan {
  /** Every buffer that it allocates, uniform arenas included. */
  readonly buffers: readonly BufferSpec[];
  readonly programs: Readonly<Record<string, readonly Dispatch[]>>;
}

/** Completes a plan with the buffers that hold its programs' parameters and the step's numbers. */
export function completePlan(
  buffers: readonly BufferSpec[],
  programs: Readonly<Record<string, readonly Dispatch[]>>,
): Plan {
  const arenas = Object.entries(programs).map(([name, dispatches]): BufferSpec => ({
    name: arena(name),
    bytes: arenaBytes(dispatches),
    part: 'io',
    usage: 'uniform',
  }));
  const step: BufferSpec = { name: STEP, bytes: STEP_BYTES, part: 'io', usage: 'uniform' };
  return { buffers: [...buffers, ...arenas, step], programs };
}

/** A plan brought to life: its buffers allocated, its programs compiled and bound. */
export interface Workspace {
  readonly allocatedBytes: number;
  buffer(name: string): GPUBuffer;
  write(name: string, data: ArrayBuffer | ArrayBufferView<ArrayBuffer>): void;
  /**
   * Submits programs in order, in one pass.
   *
   * @param clear buffers to be zeroed first
   * @param copy ranges to be copied to staging buffers afterwards
   */
  run(
    programs: readonly string[],
    numbers: StepNumbers,
    around?: { readonly clear?: readonly string[]; readonly copy?: readonly Copy[] },
  ): void;
  destroy(): void;
}

export interface Copy {
  readonly from: string;
  readonly offset: number;
  readonly to: string;
  readonly toOffset: number;
  readonly bytes: number;
}

export interface WorkspaceOptions {
  /** Buffers that others own, such as the base model's weights. */
  readonly shared: (name: string) => GPUBuffer | undefined;
  /** Kernels compiled so far and in all. */
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
}

/** Allocates exactly the plan's buffers and compiles its programs; nothing stays allocated when that fails. */
export async function openWorkspace(
  gpu: GpuDevice,
  plan: Plan,
  options: WorkspaceOptions,
): Promise<Workspace> {
  const { device } = gpu;
  const own = new Set(plan.buffers.map((spec) => spec.name));
  const buffers = await allocate(device, plan.buffers);
  const buffer = (name: string): GPUBuffer => {
    const found = own.has(name) ? buffers.get(name) : options.shared(name);
    if (found === undefined) throw new Error(`no buffer ${name} in the plan`);
    return found;
  };
  const programs = new Map<string, Program>();
  try {
    const total = countKernels(plan);
    let before = 0;
    for (const [name, dispatches] of Object.entries(plan.programs)) {
      const kernels = new Set(dispatches.map(({ kernel }) => kernel.code)).size;
      const report = (done: number) => options.onProgress?.(before + done, total);
      programs.set(
        name,
        await prepareProgram(device, dispatches, buffer, buffer(arena(name)), buffer(STEP), report),
      );
      before += kernels;
    }
  } catch (error) {
    buffers.destroy();
    throw error;
  }
  return {
    allocatedBytes: buffers.allocatedBytes,
    buffer,
    write(name, data) {
      device.queue.writeBuffer(buffer(name), 0, data);
    },
    run(names, numbers, { clear = [], copy = [] } = {}) {
      device.queue.writeBuffer(buffer(STEP), 0, stepBytes(numbers));
      const encoder = device.createCommandEncoder({ label: names.join(', ') });
      for (const name of clear) encoder.clearBuffer(buffer(name));
      const pass = encoder.beginComputePass({ label: names.join(', ') });
      for (const name of names) {
        const program = programs.get(name);
        if (program === undefined) throw new Error(`no program ${name} in the plan`);
        program.record(pass);
      }
      pass.end();
      for (const { from, offset, to, toOffset, bytes } of copy) {
        encoder.copyBufferToBuffer(buffer(from), offset, buffer(to), toOffset, bytes);
      }
      device.queue.submit([encoder.finish()]);
    },
    destroy: () => {
      buffers.destroy();
    },
  };
}

const STEP = 'step';

function arena(program: string): string {
  return `params of ${program}`;
}

function countKernels(plan: Plan): number {
  return Object.values(plan.programs).reduce(
    (total, dispatches) => total + new Set(dispatches.map(({ kernel }) => kernel.code)).size,
    0,
  );
}
