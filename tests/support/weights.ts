import type { WeightDtype } from '../../src/engine/ops/weight';
import { randomIntegers, randomValues } from './random';

/** A weight as it lies in a file, and the same numbers exactly. */
export interface PackedWeight {
  readonly bytes: Uint8Array;
  readonly values: Float64Array;
}

/** `size` reproducible weights between about −1 and 1 in the given precision. */
export function randomWeight(size: number, dtype: WeightDtype, seed: number): PackedWeight {
  if (dtype === 'F32') {
    const floats = Float32Array.from(randomValues(size, seed));
    return { bytes: new Uint8Array(floats.buffer), values: Float64Array.from(floats) };
  }
  // Sign and mantissa at random, exponents from 2^-6 up to just under 1.
  const [mantissaBits, exponentBias] = dtype === 'F16' ? [10, 15] : [7, 127];
  const mantissas = randomIntegers(size, 1 << mantissaBits, seed);
  const exponents = randomIntegers(size, 6, seed + 1);
  const signs = randomIntegers(size, 2, seed + 2);
  return packBits(
    Uint16Array.from(
      mantissas,
      (mantissa, i) => (signs[i]! << 15) | ((exponentBias - 6 + exponents[i]!) << mantissaBits) | mantissa,
    ),
    dtype,
  );
}

/** 16-bit patterns as a weight. */
export function packBits(bits: Uint16Array, dtype: 'F16' | 'BF16'): PackedWeight {
  return {
    bytes: new Uint8Array(bits.buffer, bits.byteOffset, bits.byteLength),
    values: Float64Array.from(bits, dtype === 'F16' ? decodeF16 : decodeBF16),
  };
}

function decodeF16(bits: number): number {
  const sign = bits >> 15 === 0 ? 1 : -1;
  const exponent = (bits >> 10) & 31;
  const mantissa = bits & 1023;
  if (exponent === 31) return mantissa === 0 ? sign * Infinity : NaN;
  return sign * (exponent === 0 ? mantissa * 2 ** -24 : (1024 + mantissa) * 2 ** (exponent - 25));
}

function decodeBF16(bits: number): number {
  return new Float32Array(Uint32Array.of(bits << 16).buffer)[0]!;
}
