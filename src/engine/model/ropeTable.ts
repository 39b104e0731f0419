import type { LlamaConfig, RopeConfig } from './llamaConfig';

const f32 = Math.fround;

/**
 * Cosine and sine of every position's rotation angles, f32 [positions, 2, D/2], rounded to f32 at each step as
 * transformers does on the CPU (modeling_rope_utils.py and LlamaRotaryEmbedding).
 *
 * @param positions rows of the table: the longest example or generation
 */
export function ropeTable(config: LlamaConfig, positions: number): Float32Array<ArrayBuffer> {
  const frequencies = ropeFrequencies(config.rope, config.headDim);
  const half = frequencies.length;
  const table = new Float32Array(positions * half * 2);
  for (let position = 0; position < positions; position++) {
    frequencies.forEach((frequency, j) => {
      const angle = f32(position * frequency);
      table[2 * position * half + j] = Math.cos(angle);
      table[(2 * position + 1) * half + j] = Math.sin(angle);
    });
  }
  return table;
}

/**
 * Radians per position of the D/2 pairs, f32: theta^(−2j/D). `llama3` divides slow frequencies by `factor`, keeps
 * fast ones and blends those between.
 */
export function ropeFrequencies(rope: RopeConfig, headDim: number): Float32Array<ArrayBuffer> {
  return Float32Array.from({ length: headDim / 2 }, (_, j) => {
    const power = f32(f32(rope.theta) ** f32((2 * j) / headDim));
    const frequency = f32(1 / power);
    return rope.type === 'llama3' ? llama3Frequency(frequency, rope) : frequency;
  });
}

function llama3Frequency(frequency: number, rope: Extract<RopeConfig, { type: 'llama3' }>): number {
  const { factor, lowFreqFactor, highFreqFactor, originalMaxPositions } = rope;
  const wavelength = f32(f32(2 * Math.PI) / frequency);
  if (wavelength < originalMaxPositions / highFreqFactor) return frequency;
  const slow = f32(frequency / factor);
  if (wavelength > originalMaxPositions / lowFreqFactor) return slow;
  const share = f32(f32(originalMaxPositions / wavelength) - lowFreqFactor);
  const smooth = f32(share / (highFreqFactor - lowFreqFactor));
  return f32(f32(f32(f32(1 - smooth) * frequency) / factor) + f32(smooth * frequency));
}
