import { UserError } from '../../config/errors';
import { allocate } from './buffers';
import type { BufferSpec, Dispatch } from './dispatch';
import type { GpuDevice } from './device';
import {
  arenaBytes,
  compile,
  prepareProgram,
  STEP_BYTES,
  stepBytes,
  tryLaunch,
  writeParams,
  type Bindings,
  type Program,
  type StepNumbers,
} from './program';
import type { Kernel } from './shader';

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

/**
 * Checks that the GPU can bind what the plan's launches read and write. Weights are cut into slices that fit;
 * activations are not.
 *
 * @param maxBinding largest storage binding in bytes
 * @throws UserError naming the largest buffer that is too large
 */
export function requireBindable(plan: Plan, maxBinding: number): void {
  const bytes = new Map(plan.buffers.map((spec) => [spec.name, spec.bytes]));
  for (const { bind } of Object.values(plan.programs).flat()) {
    for (const { buffer, offset = 0, size = (bytes.get(buffer) ?? 0) - offset } of Object.values(bind)) {
      if (size <= maxBinding) continue;
      const problem = `"${buffer}" has ${size} bytes, and this GPU binds ${maxBinding} at once`;
      const remedy = 'lower max_length, per_device_train_batch_size, r or num_experts';
      throw new UserError('GPU memory', problem, remedy);
    }
  }
}

/** A plan brought to life: its buffers allocated, its programs compiled and bound. */
export interface Workspace {
  readonly allocatedBytes: number;
  buffer(name: string): GPUBuffer;
  write(name: string, data: ArrayBuffer | ArrayBufferView<ArrayBuffer>): void;
  /**
   * Submits programs in order, a few launches at a time (see `pace`).
   *
   * @param clear buffers to be zeroed first
   * @param copy ranges to be copied to staging buffers afterwards
   * @returns the number of launches, for `pace`
   */
  run(
    programs: readonly string[],
    numbers: StepNumbers,
    around?: { readonly clear?: readonly string[]; readonly copy?: readonly Copy[] },
  ): number;
  /**
   * Tells how long some launches took, so that later submits are long enough to cost little and short enough that
   * no watchdog ends them and the page can draw in between. Changes no bits.
   */
  pace(seconds: number, launches: number): void;
  destroy(): void;
}

/**
 * Launches in one submit before any was timed: few, because on a slow adapter one alone may take a second. What the
 * many submits cost on a fast one (0.1 ms each) is paid once.
 */
const FIRST_PACE = 4;
/** Seconds that one submit should take. */
const SUBMIT_SECONDS = 0.1;

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
  /** Has every kernel run once (see tryLaunch): all buffers hold anything afterwards and must be filled or cleared. */
  readonly warmUp?: boolean;
  readonly onProgress?: OnCompile | undefined;
}

/** Told whenever a kernel is ready: how many are, of how many, and which one it was. */
export type OnCompile = (done: number, total: number, kernel: string) => void;

/** Allocates exactly the plan's buffers and compiles its programs; nothing stays allocated when that fails. */
export async function openWorkspace(
  gpu: GpuDevice,
  plan: Plan,
  options: WorkspaceOptions,
): Promise<Workspace> {
  const { device } = gpu;
  requireBindable(plan, device.limits.maxStorageBufferBindingSize);
  const own = new Set(plan.buffers.map((spec) => spec.name));
  const buffers = await allocate(device, plan.buffers);
  const buffer = (name: string): GPUBuffer => {
    const found = own.has(name) ? buffers.get(name) : options.shared(name);
    if (found === undefined) throw new Error(`no buffer ${name} in the plan`);
    return found;
  };
  const bindings = (name: string): Bindings => ({ buffer, arena: buffer(arena(name)), step: buffer(STEP) });
  const programs = new Map<string, Program>();
  try {
    for (const [name, dispatches] of Object.entries(plan.programs)) {
      writeParams(device, dispatches, buffer(arena(name)));
    }
    await compileAll(device, plan, bindings, options);
    for (const [name, dispatches] of Object.entries(plan.programs)) {
      programs.set(name, await prepareProgram(device, dispatches, bindings(name)));
    }
  } catch (error) {
    buffers.destroy();
    throw error;
  }
  let launchesPerSubmit = FIRST_PACE;
  return {
    allocatedBytes: buffers.allocatedBytes,
    buffer,
    write(name, data) {
      device.queue.writeBuffer(buffer(name), 0, data);
    },
    run(names, numbers, { clear = [], copy = [] } = {}) {
      device.queue.writeBuffer(buffer(STEP), 0, stepBytes(numbers));
      const launches = names.flatMap((name) => programs.get(name)?.launches ?? missing(name));
      let encoder = device.createCommandEncoder();
      for (const name of clear) encoder.clearBuffer(buffer(name));
      for (let first = 0; first < launches.length; first += launchesPerSubmit) {
        if (first > 0) {
          device.queue.submit([encoder.finish()]);
          encoder = device.createCommandEncoder();
        }
        const pass = encoder.beginComputePass({ label: names.join(', ') });
        for (const launch of launches.slice(first, first + launchesPerSubmit)) launch(pass);
        pass.end();
      }
      for (const { from, offset, to, toOffset, bytes } of copy) {
        encoder.copyBufferToBuffer(buffer(from), offset, buffer(to), toOffset, bytes);
      }
      device.queue.submit([encoder.finish()]);
      return launches.length;
    },
    pace(seconds, launches) {
      const fitting = Math.floor((SUBMIT_SECONDS * launches) / seconds);
      launchesPerSubmit = Math.max(1, Math.min(fitting, launches));
    },
    destroy: () => {
      buffers.destroy();
    },
  };
}

function missing(program: string): never {
  throw new Error(`no program ${program} in the plan`);
}

const STEP = 'step';

function arena(program: string): string {
  return `params of ${program}`;
}

/** Compiles the kernels of all programs, all at once, each where it is launched first. */
async function compileAll(
  device: GPUDevice,
  plan: Plan,
  bindings: (program: string) => Bindings,
  { warmUp = false, onProgress }: WorkspaceOptions,
): Promise<void> {
  const firsts = new Map<string, { kernel: Kernel; program: string; index: number }>();
  for (const [program, dispatches] of Object.entries(plan.programs)) {
    for (const [index, { kernel }] of dispatches.entries()) {
      if (!firsts.has(kernel.code)) firsts.set(kernel.code, { kernel, program, index });
    }
  }
  let done = 0;
  await Promise.all(
    [...firsts.values()].map(async ({ kernel, program, index }) => {
      await compile(device, kernel);
      if (warmUp) await tryLaunch(device, plan.programs[program] ?? [], index, bindings(program));
      onProgress?.(++done, firsts.size, kernel.id);
    }),
  );
}
