import { readFileSync } from 'node:fs';
import { memorySource } from '../../src/engine/formats/byteSource';
import { toFloat32 } from '../../src/engine/formats/dtypes';
import { openSafetensors } from '../../src/engine/formats/safetensors';
import { runPython } from './python';

/** One forward by transformers in float32. */
export interface LogitsJob {
  /** Hugging Face folder. */
  readonly model: string;
  /** Folder of a PEFT adapter on it. */
  readonly peft?: string;
  /** At least two. */
  readonly ids: readonly number[];
  /** Safetensors file to write. */
  readonly out: string;
}

export interface PythonLogits {
  /** [T, V]. */
  readonly logits: Float32Array<ArrayBuffer>;
  /** Mean over ids 1 .. T−1, in nats. */
  readonly loss: number;
}

/** Does all jobs in one run of Python, whose start takes longer than a small model. */
export async function pythonLogits(jobs: readonly LogitsJob[]): Promise<PythonLogits[]> {
  const losses = JSON.parse(runPython('tests/python/logits.py', [JSON.stringify(jobs)])) as number[];
  return await Promise.all(
    jobs.map(async ({ out }, index) => ({ logits: await readLogits(out), loss: losses[index]! })),
  );
}

/** The F32 tensor `logits` of a safetensors file, as the scripts and `masa logits` write it. */
export async function readLogits(path: string): Promise<Float32Array<ArrayBuffer>> {
  const file = await openSafetensors(memorySource(path, new Uint8Array(readFileSync(path))));
  return toFloat32(await file.read('logits'), 'F32');
}
