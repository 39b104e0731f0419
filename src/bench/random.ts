import { lowbias32 } from '../engine/ops/dropoutHash';

/** `count` reproducible values, uniform in (−scale, scale). */
export function randomFloats(count: number, seed: number, scale = 1): Float32Array<ArrayBuffer> {
  const key = lowbias32(seed + 1);
  const values = new Float32Array(count);
  for (let i = 0; i < count; i++) values[i] = scale * ((lowbias32(key ^ lowbias32(i)) + 0.5) / 2 ** 31 - 1);
  return values;
}

/** The same numbers cut to bf16: the upper halves of their words, two in each. */
export function toBf16(values: Float32Array<ArrayBuffer>): Uint16Array<ArrayBuffer> {
  const words = new Uint32Array(values.buffer);
  return Uint16Array.from(words, (word) => word >>> 16);
}

/** What bf16 weights stand for. */
export function fromBf16(values: Uint16Array<ArrayBuffer>): Float32Array<ArrayBuffer> {
  return new Float32Array(Uint32Array.from(values, (half) => half << 16).buffer);
}
