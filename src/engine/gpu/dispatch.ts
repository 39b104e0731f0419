import type { Kernel } from './shader';

/** A buffer of the plan, named before it exists. */
export interface BufferSpec {
  readonly name: string;
  /** Size in bytes, a multiple of 4. */
  readonly bytes: number;
  /** What it belongs to; the memory figure is shown by these parts. */
  readonly part: BufferPart;
  /** What it is for; storage unless said. */
  readonly usage?: 'storage' | 'uniform' | 'staging';
}

export type BufferPart = 'weights' | 'adapter' | 'optimizer' | 'activations' | 'cache' | 'io';

/** A buffer, or a byte range of it that starts at a multiple of 256. */
export interface BufferView {
  readonly buffer: string;
  readonly offset?: number;
  readonly size?: number;
}

/** One kernel launch, described but not yet recorded. */
export interface Dispatch {
  /** For messages and traces: "layer 3 / q_proj". */
  readonly label: string;
  readonly kernel: Kernel;
  readonly bind: Readonly<Record<string, BufferView>>;
  readonly params: Readonly<Record<string, number>>;
  readonly workgroups: readonly [number, number, number];
}

/** Largest number of workgroups in one dimension that WebGPU guarantees. */
const MAX_WORKGROUPS = 65535;

/**
 * Describes a launch and checks that the names fit the shader.
 *
 * @throws Error when a binding or parameter is missing or unknown (a mistake of ours, found while planning)
 */
export function dispatch(
  label: string,
  kernel: Kernel,
  bind: Readonly<Record<string, BufferView>>,
  params: Readonly<Record<string, number>>,
  workgroups: readonly [number, number, number],
): Dispatch {
  requireSame(`${label}: buffers of ${kernel.id}`, Object.keys(bind), kernel.storage);
  requireSame(`${label}: parameters of ${kernel.id}`, Object.keys(params), kernel.params);
  for (const count of workgroups) {
    if (!Number.isInteger(count) || count < 1 || count > MAX_WORKGROUPS) {
      throw new Error(`${label}: ${workgroups.join(' x ')} workgroups cannot be launched`);
    }
  }
  return { label, kernel, bind, params, workgroups };
}

/**
 * Grid for a one-dimensional launch of `count` workgroups, folded into two dimensions where one is too short.
 * The shader finds its index as workgroup_id.x + workgroup_id.y * num_workgroups.x and checks it against its size.
 */
export function foldGrid(count: number): readonly [number, number, number] {
  const rows = Math.ceil(count / MAX_WORKGROUPS);
  return [Math.ceil(count / rows), rows, 1];
}

function requireSame(what: string, given: readonly string[], wanted: readonly { name: string }[]) {
  const names = wanted.map((field) => field.name);
  const wrong = [...given.filter((n) => !names.includes(n)), ...names.filter((n) => !given.includes(n))];
  if (wrong.length > 0) throw new Error(`${what}: ${wrong.join(', ')} missing or unknown`);
}
