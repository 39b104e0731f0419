import type { Dispatch } from './dispatch';
import type { Kernel } from './shader';

/** A list of launches with pipelines, bind groups and parameters made once; a step only records it again. */
export interface Program {
  /** One function a launch, in order. */
  readonly launches: readonly ((pass: GPUComputePassEncoder) => void)[];
}

/** Pipelines by shader text: a variant is compiled once per device. */
const pipelineCaches = new WeakMap<GPUDevice, Map<string, Promise<GPUComputePipeline>>>();

/** Uniform slots start at multiples of this (WebGPU's guaranteed minUniformBufferOffsetAlignment). */
const SLOT = 256;

/** Bytes of the uniform arena that holds the parameters of a list of dispatches. */
export function arenaBytes(dispatches: readonly Dispatch[]): number {
  return Math.max(1, dispatches.length) * SLOT;
}

/** Size in bytes of `struct Step` in shaders/lib/step.wgsl. */
export const STEP_BYTES = 28;

/** The numbers of `struct Step` that a launch needs; the rest are 0. */
export interface StepNumbers {
  readonly seed?: number;
  readonly step?: number;
  readonly micro?: number;
  readonly invTokens?: number;
  readonly learningRate?: number;
  readonly bias1?: number;
  readonly bias2?: number;
}

/** `struct Step` as bytes. */
export function stepBytes(numbers: StepNumbers): ArrayBuffer {
  const view = new DataView(new ArrayBuffer(STEP_BYTES));
  const { seed = 0, step = 0, micro = 0 } = numbers;
  [seed, step, micro].forEach((value, i) => {
    view.setUint32(i * 4, value, true);
  });
  const { invTokens = 0, learningRate = 0, bias1 = 1, bias2 = 1 } = numbers;
  [invTokens, learningRate, bias1, bias2].forEach((value, i) => {
    view.setFloat32(12 + i * 4, value, true);
  });
  return view.buffer;
}

/** The buffers that the launches of a program read and write, and the uniforms that they share. */
export interface Bindings {
  /** Finds a planned buffer by name. */
  readonly buffer: (name: string) => GPUBuffer;
  /** Uniform buffer for the parameters (arenaBytes long). */
  readonly arena: GPUBuffer;
  /** Uniform buffer with the step's numbers (STEP_BYTES long). */
  readonly step: GPUBuffer;
}

/** Puts the parameters of a program's launches into their arena. */
export function writeParams(device: GPUDevice, dispatches: readonly Dispatch[], arena: GPUBuffer): void {
  device.queue.writeBuffer(arena, 0, packParams(dispatches));
}

/** Prepares everything that recording a program needs; its parameters are in the arena already. */
export async function prepareProgram(
  device: GPUDevice,
  dispatches: readonly Dispatch[],
  bindings: Bindings,
): Promise<Program> {
  const pipelines = await Promise.all(dispatches.map(({ kernel }) => compile(device, kernel)));
  device.pushErrorScope('validation');
  const launches = pipelines.map((pipeline, index) => {
    const launch = at(dispatches, index);
    const group = bindGroup(device, pipeline, launch, index, bindings);
    return (pass: GPUComputePassEncoder) => {
      pass.setPipeline(pipeline);
      pass.setBindGroup(0, group);
      pass.dispatchWorkgroups(...launch.workgroups);
    };
  });
  const invalid = await device.popErrorScope();
  if (invalid !== null) throw new Error(`a program cannot be bound: ${invalid.message}`);
  return { launches };
}

/**
 * Has one workgroup of a launch run, so that a driver which compiles at the first launch has done so when the
 * promise resolves. What the launch writes is of no use.
 */
export async function tryLaunch(
  device: GPUDevice,
  dispatches: readonly Dispatch[],
  index: number,
  bindings: Bindings,
): Promise<void> {
  const launch = at(dispatches, index);
  const pipeline = await compile(device, launch.kernel);
  const encoder = device.createCommandEncoder();
  const pass = encoder.beginComputePass({ label: `first launch of ${launch.kernel.id}` });
  pass.setPipeline(pipeline);
  pass.setBindGroup(0, bindGroup(device, pipeline, launch, index, bindings));
  pass.dispatchWorkgroups(1);
  pass.end();
  device.queue.submit([encoder.finish()]);
  await device.queue.onSubmittedWorkDone();
}

function at(dispatches: readonly Dispatch[], index: number): Dispatch {
  const launch = dispatches[index];
  if (launch === undefined) throw new RangeError(`there is no launch ${index}`);
  return launch;
}

/** Compiles one kernel, or finds it compiled; a compile error carries every note with its line. */
export async function compile(device: GPUDevice, kernel: Kernel): Promise<GPUComputePipeline> {
  let cache = pipelineCaches.get(device);
  if (cache === undefined) {
    cache = new Map<string, Promise<GPUComputePipeline>>();
    pipelineCaches.set(device, cache);
  }
  let pipeline = cache.get(kernel.code);
  if (pipeline === undefined) {
    pipeline = compileNew(device, kernel).catch((error: unknown) => {
      pipelineCaches.get(device)?.delete(kernel.code);
      throw error;
    });
    cache.set(kernel.code, pipeline);
  }
  return pipeline;
}

async function compileNew(device: GPUDevice, kernel: Kernel): Promise<GPUComputePipeline> {
  const module = device.createShaderModule({ label: kernel.id, code: kernel.code });
  const layout = device.createBindGroupLayout({
    label: kernel.id,
    entries: [
      ...kernel.storage.map(({ binding, access }) =>
        layoutEntry(binding, access === 'read' ? 'read-only-storage' : 'storage'),
      ),
      ...[kernel.paramsBinding, kernel.stepBinding]
        .filter((binding) => binding !== undefined)
        .map((binding) => layoutEntry(binding, 'uniform')),
    ],
  });
  try {
    return await device.createComputePipelineAsync({
      label: kernel.id,
      layout: device.createPipelineLayout({ label: kernel.id, bindGroupLayouts: [layout] }),
      compute: { module, entryPoint: 'main' },
    });
  } catch (error) {
    const { messages } = await module.getCompilationInfo();
    const notes = messages.map((note) => `${note.lineNum}:${note.linePos} ${note.message}`);
    const numbered = kernel.code.split('\n').map((line, i) => `${i + 1}\t${line}`);
    throw new Error(`${kernel.id} does not compile: ${[...notes, ...numbered].join('\n')}`, { cause: error });
  }
}

function layoutEntry(binding: number, type: GPUBufferBindingType): GPUBindGroupLayoutEntry {
  return { binding, visibility: GPUShaderStage.COMPUTE, buffer: { type } };
}

function packParams(dispatches: readonly Dispatch[]): ArrayBuffer {
  const bytes = new ArrayBuffer(arenaBytes(dispatches));
  const view = new DataView(bytes);
  dispatches.forEach(({ kernel, params, label }, index) => {
    kernel.params.forEach(({ name, type }, field) => {
      const value = params[name] ?? Number.NaN;
      const at = index * SLOT + field * 4;
      if (type === 'f32') view.setFloat32(at, value, true);
      else if (Number.isInteger(value) && value >= 0) view.setUint32(at, value, true);
      else throw new Error(`${label}: ${name} = ${value} is not an unsigned integer`);
    });
  });
  return bytes;
}

function bindGroup(
  device: GPUDevice,
  pipeline: GPUComputePipeline,
  launch: Dispatch,
  index: number,
  { buffer, arena, step }: Bindings,
): GPUBindGroup {
  const { kernel } = launch;
  const entries: GPUBindGroupEntry[] = kernel.storage.map(({ name, binding }) => {
    const view = launch.bind[name];
    if (view === undefined) throw new Error(`${launch.label}: ${name} is not bound`);
    const { offset = 0, size } = view;
    return {
      binding,
      resource: { buffer: buffer(view.buffer), offset, ...(size === undefined ? {} : { size }) },
    };
  });
  if (kernel.paramsBinding !== undefined) {
    const size = Math.ceil((kernel.params.length * 4) / 16) * 16;
    entries.push({ binding: kernel.paramsBinding, resource: { buffer: arena, offset: index * SLOT, size } });
  }
  if (kernel.stepBinding !== undefined) {
    entries.push({ binding: kernel.stepBinding, resource: { buffer: step, size: STEP_BYTES } });
  }
  return device.createBindGroup({ label: launch.label, layout: pipeline.getBindGroupLayout(0), entries });
}
