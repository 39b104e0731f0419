import type { RopeConfig } from '../../src/engine/model/llamaConfig';

/**
 * Radians per position of each of the D/2 pairs: theta^(−2i/D). `llama3` divides slow frequencies by
 * `factor`, keeps fast ones and interpolates between (transformers, modeling_rope_utils).
 */
export function ropeFrequencies(rope: RopeConfig, D: number): Float64Array {
  return Float64Array.from({ length: D / 2 }, (_, i) => {
    const frequency = rope.theta ** ((-2 * i) / D);
    if (rope.type === 'default') return frequency;
    const wavelength = (2 * Math.PI) / frequency;
    if (wavelength > rope.originalMaxPositions / rope.lowFreqFactor) return frequency / rope.factor;
    if (wavelength < rope.originalMaxPositions / rope.highFreqFactor) return frequency;
    const smooth =
      (rope.originalMaxPositions / wavelength - rope.lowFreqFactor) /
      (rope.highFreqFactor - rope.lowFreqFactor);
    return ((1 - smooth) * frequency) / rope.factor + smooth * frequency;
  });
}

/**
 * Rotates the pairs (i, i + D/2) of every head by position · frequency: x [N, heads·D] → same shape.
 * The backward is the same rotation with `sign` −1.
 */
export function rope(
  x: Float64Array,
  positions: ArrayLike<number>,
  frequencies: Float64Array,
  sign: 1 | -1 = 1,
): Float64Array {
  const half = frequencies.length;
  const width = x.length / positions.length;
  const out = new Float64Array(x.length);
  for (let n = 0; n < positions.length; n++) {
    for (let head = 0; head < width; head += 2 * half) {
      for (let i = 0; i < half; i++) {
        const angle = sign * positions[n]! * frequencies[i]!;
        const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
        const [a, b] = [n * width + head + i, n * width + head + half + i];
        out[a] = x[a]! * cos - x[b]! * sin;
        out[b] = x[b]! * cos + x[a]! * sin;
      }
    }
  }
  return out;
}
