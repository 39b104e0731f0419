import { WEIGHT_BYTES } from '../ops/weight';
import type { Checkpoint } from './checkpoint';

/** Bytes that are read of each tensor. */
const SAMPLE = 4096;

/**
 * Tells base models apart: SHA-256 over the numbers that no tensor shows and every tensor's name, precision,
 * shape and first bytes; 32 hex digits of it.
 * Cheap on any size; two checkpoints that differ only deep inside one tensor are not told apart.
 */
export async function fingerprint(checkpoint: Checkpoint): Promise<string> {
  const { heads, kvHeads, rmsNormEps, rope } = checkpoint.config;
  const parts = [new TextEncoder().encode(JSON.stringify([heads, kvHeads, rmsNormEps, rope]))];
  for (const name of [...checkpoint.tensors.keys()].sort()) {
    const tensor = checkpoint.tensors.get(name);
    if (tensor === undefined) continue;
    const { dtype, shape } = tensor;
    const bytes = shape.reduce((product, size) => product * size, WEIGHT_BYTES[dtype]);
    parts.push(new TextEncoder().encode(JSON.stringify([name, dtype, shape])));
    parts.push(await tensor.read(0, Math.min(SAMPLE, bytes)));
  }
  const digest = await crypto.subtle.digest('SHA-256', await new Blob(parts).arrayBuffer());
  return [...new Uint8Array(digest).slice(0, 16)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}
