/** Element types of the safetensors format, from low to high as the reference writer sorts them: bits each. */
export const DTYPE_BITS = {
  BOOL: 8,
  F4: 4,
  F6_E2M3: 6,
  F6_E3M2: 6,
  U8: 8,
  I8: 8,
  F8_E5M2: 8,
  F8_E4M3: 8,
  F8_E8M0: 8,
  F8_E4M3FNUZ: 8,
  F8_E5M2FNUZ: 8,
  I16: 16,
  U16: 16,
  F16: 16,
  BF16: 16,
  I32: 32,
  U32: 32,
  F32: 32,
  C64: 64,
  F64: 64,
  I64: 64,
  U64: 64,
} as const;

export type Dtype = keyof typeof DTYPE_BITS;

/** Floating types that can be read as numbers. */
export type FloatDtype = 'F32' | 'F16' | 'BF16' | 'F64';

export function isDtype(name: string): name is Dtype {
  return Object.hasOwn(DTYPE_BITS, name);
}

export function isFloatDtype(dtype: Dtype): dtype is FloatDtype {
  return dtype === 'F32' || dtype === 'F16' || dtype === 'BF16' || dtype === 'F64';
}

/**
 * Little-endian values of `bytes` as float32. F16 and BF16 are exact, F64 is rounded.
 * The result never aliases `bytes`, whose start need not be aligned. A trailing partial element is an error.
 */
export function toFloat32(bytes: Uint8Array, dtype: FloatDtype): Float32Array<ArrayBuffer> {
  const own = bytes.slice().buffer; // aligned, ours to keep
  switch (dtype) {
    case 'F32':
      return new Float32Array(own);
    case 'F64':
      return Float32Array.from(new Float64Array(own));
    case 'F16':
      return Float32Array.from(new Uint16Array(own), halfToFloat);
    case 'BF16': {
      const bits = Uint32Array.from(new Uint16Array(own), (half) => half << 16);
      return new Float32Array(bits.buffer);
    }
  }
}

/** Float32 values as little-endian bytes, rounded to nearest even for F16 and BF16. */
export function fromFloat32(
  values: Float32Array,
  dtype: Exclude<FloatDtype, 'F64'>,
): Uint8Array<ArrayBuffer> {
  const own = values.slice();
  if (dtype === 'F32') return new Uint8Array(own.buffer);
  const bits = new Uint32Array(own.buffer);
  const convert = dtype === 'BF16' ? floatBitsToBfloat : floatBitsToHalf;
  return new Uint8Array(Uint16Array.from(bits, convert).buffer);
}

/** IEEE binary16 bits to a number; subnormals are mantissa · 2⁻²⁴. */
function halfToFloat(half: number): number {
  const sign = half & 0x8000 ? -1 : 1;
  const exponent = (half >>> 10) & 0x1f;
  const mantissa = half & 0x3ff;
  if (exponent === 0) return sign * mantissa * 2 ** -24;
  if (exponent === 31) return mantissa === 0 ? sign * Infinity : NaN;
  return sign * (1024 + mantissa) * 2 ** (exponent - 25);
}

function floatBitsToBfloat(bits: number): number {
  if ((bits & 0x7fffffff) > 0x7f800000) return (bits >>> 16) | 0x40; // NaN: keep it one
  return (bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16;
}

function floatBitsToHalf(bits: number): number {
  const sign = (bits >>> 16) & 0x8000;
  const magnitude = bits & 0x7fffffff;
  if (magnitude > 0x7f800000) return sign | 0x7e00;
  if (magnitude >= 0x477ff000) return sign | 0x7c00; // 65520 and above round to infinity
  if (magnitude >= 0x38800000) {
    // Normal: exponent bias 127 to 15, 13 mantissa bits dropped.
    return sign | ((magnitude - 0x38000000 + 0x0fff + ((magnitude >>> 13) & 1)) >>> 13);
  }
  // Subnormal: the mantissa with its hidden one, shifted to units of 2⁻²⁴.
  const shift = 126 - (magnitude >>> 23);
  if (shift > 24) return sign;
  const mantissa = (magnitude & 0x7fffff) | 0x800000;
  const rest = mantissa & ((1 << shift) - 1);
  const half = 1 << (shift - 1);
  const kept = mantissa >>> shift;
  return sign | (kept + (rest > half || (rest === half && (kept & 1) === 1) ? 1 : 0));
}
