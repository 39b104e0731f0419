import { expect } from 'vitest';
import type { BufferView, Dispatch } from '../../src/engine/gpu/dispatch';
import type { GpuDevice } from '../../src/engine/gpu/device';
import type { StepNumbers } from '../../src/engine/gpu/program';
import { readBytes } from '../../src/engine/gpu/readback';
import { completePlan, openWorkspace } from '../../src/engine/gpu/workspace';
import { assertClose, type Tolerance } from '../reference/compare';

/**
 * One table for all kernels. To add an op: write tests/engine/ops/cases/<op>.ts that exports `cases: OpCase[]`
 * (ops.gpu.test.ts finds every file there), one row per shape that matters, odd sizes included, and register the
 * op's kernels in src/engine/ops/index.ts, which has them compiled in Tint and in naga.
 *
 * For every row the runner
 * - launches the dispatches on buffers that lie between guard regions of NaN, which must come back as they were:
 *   a read outside spoils the result, a write outside spoils a guard;
 * - holds the whole of each expected buffer against the float64 reference, NaN and infinity compared apart;
 * - requires every other buffer, scratch excepted, to be unchanged;
 * - launches everything again from the start and requires the same bytes.
 */
export interface OpCase {
  /** A sentence about what is special in this row: sizes, masks, precision. */
  readonly name: string;
  readonly tolerance: Tolerance;
  /** Where the tolerance comes from. */
  readonly reason: string;
  /** Builds inputs, launches and reference; called once, in the test. */
  readonly make: (gpu: GpuDevice) => OpRun;
  /** False on devices that cannot run it; it is skipped there. */
  readonly runsOn?: (gpu: GpuDevice) => boolean;
}

export type BufferData = Float32Array | Uint32Array | Int32Array | Uint8Array;

export interface OpRun {
  /** What lies in each buffer before the launches, by the name that the views use. */
  readonly buffers: Readonly<Record<string, BufferData>>;
  /** The step's numbers, for kernels that read them. */
  readonly step?: StepNumbers;
  readonly dispatches: readonly Dispatch[];
  /** What must lie in some buffers afterwards, whole. */
  readonly expected: Readonly<Record<string, ArrayLike<number>>>;
  /** Buffers that may come back with anything in them. */
  readonly scratch?: readonly string[];
}

/** Initial content of a buffer that the launches must overwrite whole: NaN stays where they do not. */
export function unset(count: number): Float32Array {
  return new Float32Array(count).fill(Number.NaN);
}

/** Views of whole buffers under the names that the launcher uses for them. */
export function views<Name extends string>(...names: readonly Name[]): Record<Name, BufferView> {
  const entries = names.map((name): [string, BufferView] => [name, { buffer: name }]);
  return Object.fromEntries(entries) as Record<Name, BufferView>;
}

/** Bytes of a guard; a multiple of 256, so that shifted views stay aligned. */
const GUARD = 256;
/** Quiet NaNs, another for each buffer, so that one guard copied into another is seen. */
const guardWord = (index: number) => 0x7fc0_d000 + index;

/** Runs one row of the table and fails the test with numbers when anything is off. */
export async function checkOp(gpu: GpuDevice, { tolerance, make }: OpCase): Promise<void> {
  const run = make(gpu);
  const names = Object.keys(run.buffers);
  const workspace = await openWorkspace(
    gpu,
    completePlan(
      names.map((name) => ({ name, bytes: guarded(run.buffers[name]!, 0).byteLength, part: 'io' as const })),
      { ops: run.dispatches.map(shifted) },
    ),
    { shared: () => undefined },
  );
  const launch = async () => {
    names.forEach((name, i) => {
      workspace.write(name, guarded(run.buffers[name]!, i));
    });
    workspace.run(['ops'], run.step ?? {});
    const results = new Map<string, Uint8Array>();
    for (const name of names) {
      results.set(name, new Uint8Array(await readBytes(gpu.device, workspace.buffer(name))));
    }
    return results;
  };
  try {
    const results = await launch();
    expect(gpu.firstError()).toBeUndefined();
    for (const [i, name] of names.entries()) {
      const before = run.buffers[name]!;
      const after = results.get(name)!;
      const content = after.slice(GUARD, GUARD + before.byteLength);
      requireGuards(after, before.byteLength, i, name);
      const expected = run.expected[name];
      if (expected !== undefined) assertClose(typed(content, before), expected, tolerance, name);
      else if (!run.scratch?.includes(name)) requireEqual(content, bytesOf(before), `${name} was changed`);
    }
    const again = await launch();
    for (const name of names) {
      requireEqual(again.get(name)!, results.get(name)!, `${name} differs in a second run`);
    }
  } finally {
    workspace.destroy();
  }
}

/** A dispatch on buffers whose content starts behind a guard. An open view runs on into the guard behind it. */
function shifted(launch: Dispatch): Dispatch {
  const bind = Object.entries(launch.bind).map(([name, view]): [string, BufferView] => [
    name,
    { ...view, offset: (view.offset ?? 0) + GUARD },
  ]);
  return { ...launch, bind: Object.fromEntries(bind) };
}

function guarded(data: BufferData, index: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(2 * GUARD + Math.ceil(data.byteLength / 4) * 4);
  new Uint32Array(bytes.buffer).fill(guardWord(index));
  bytes.set(bytesOf(data), GUARD);
  return bytes;
}

function requireGuards(after: Uint8Array, length: number, index: number, name: string): void {
  const untouched = guarded(new Uint8Array(length), index);
  requireEqual(after.slice(0, GUARD), untouched.slice(0, GUARD), `${name}: written before its start`);
  const end = GUARD + length;
  requireEqual(after.slice(end), untouched.slice(end), `${name}: written behind its end`);
}

function requireEqual(actual: Uint8Array, wanted: Uint8Array, message: string): void {
  const place = actual.findIndex((byte, i) => byte !== wanted[i]);
  expect(place, `${message}, first at byte ${place}`).toBe(-1);
}

function bytesOf(data: BufferData): Uint8Array {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}

/** Bytes read as the type of `like`. */
function typed(bytes: Uint8Array, like: BufferData): ArrayLike<number> {
  if (like instanceof Float32Array) return new Float32Array(bytes.buffer);
  if (like instanceof Uint32Array) return new Uint32Array(bytes.buffer);
  return like instanceof Int32Array ? new Int32Array(bytes.buffer) : bytes;
}
