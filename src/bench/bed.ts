import { allocate, type Buffers } from '../engine/gpu/buffers';
import type { GpuDevice } from '../engine/gpu/device';
import type { BufferSpec, Dispatch } from '../engine/gpu/dispatch';
import { arenaBytes, prepareProgram, STEP_BYTES, writeParams } from '../engine/gpu/program';
import { readFloats } from '../engine/gpu/readback';
import type { Subject } from './timing';

/** Buffers with contents, and launches on them that are run again and again. */
export interface Bed {
  /** Compiles some launches and makes them a subject: one submit with one pass, however often they are repeated. */
  subject(name: string, dispatches: readonly Dispatch[]): Promise<Subject>;
  /** Fills a buffer with NaN, runs the subject once and returns what the buffer holds then, as f32. */
  result(subject: Subject, buffer: string): Promise<Float32Array<ArrayBuffer>>;
  destroy(): void;
}

/** Puts every array into a buffer of its name; `unused` is there as in every plan (ops/operands.ts). */
export async function openBed(
  { device }: GpuDevice,
  contents: Readonly<Record<string, ArrayBufferView<ArrayBuffer>>>,
): Promise<Bed> {
  const specs = Object.entries(contents).map(([name, { byteLength }]): BufferSpec => ({
    name,
    bytes: byteLength,
    part: 'io',
  }));
  const buffers = await allocate(device, [
    ...specs,
    { name: 'unused', bytes: 4, part: 'io' },
    { name: 'step', bytes: STEP_BYTES, part: 'io', usage: 'uniform' },
  ]);
  for (const [name, data] of Object.entries(contents)) device.queue.writeBuffer(buffers.get(name), 0, data);
  const owned: Buffers[] = [buffers];
  return {
    async subject(name, dispatches) {
      const arenas = await allocate(device, [
        { name, bytes: arenaBytes(dispatches), part: 'io', usage: 'uniform' },
      ]);
      owned.push(arenas);
      const arena = arenas.get(name);
      writeParams(device, dispatches, arena);
      const bindings = { buffer: (view: string) => buffers.get(view), arena, step: buffers.get('step') };
      const { launches } = await prepareProgram(device, dispatches, bindings);
      return {
        name,
        run(times) {
          const encoder = device.createCommandEncoder();
          const pass = encoder.beginComputePass({ label: name });
          for (let i = 0; i < times; i++) for (const launch of launches) launch(pass);
          pass.end();
          device.queue.submit([encoder.finish()]);
          return undefined;
        },
      };
    },
    async result({ run }, name) {
      const buffer = buffers.get(name);
      device.queue.writeBuffer(buffer, 0, new Float32Array(buffer.size / 4).fill(Number.NaN));
      await run(1);
      return await readFloats(device, buffer);
    },
    destroy: () => {
      for (const each of owned) each.destroy();
    },
  };
}
