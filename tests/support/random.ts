import { lowbias32 } from '../../src/engine/ops/dropoutHash';

/** `size` reproducible values, uniform in (−scale, scale). */
export function randomValues(size: number, seed: number, scale = 1): Float64Array {
  const key = lowbias32(seed);
  return Float64Array.from(
    { length: size },
    (_, i) => scale * ((lowbias32(key ^ lowbias32(i)) + 0.5) / 2 ** 31 - 1),
  );
}

/** `size` reproducible integers in [0, bound). */
export function randomIntegers(size: number, bound: number, seed: number): Int32Array {
  return Int32Array.from(randomValues(size, seed), (value) => Math.floor(((value + 1) / 2) * bound));
}
