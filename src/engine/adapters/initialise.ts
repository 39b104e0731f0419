import { dropoutKey, lowbias32 } from '../ops/dropoutHash';
import { moduleIndex } from '../ops/dropout';
import type { AdapterLayout } from './layout';

/** Keeps these streams apart from the dropout masks of the same seed. */
const INITIALISATION = 0x5eed_a11c;

/**
 * Values of an untrained adapter: A uniform in ±1/sqrt(in) (Kaiming with a = √5, as PEFT), a different stream for
 * every expert; routers as A; B zero, so that the adapted model starts as the base model, to the bit.
 *
 * @returns f32 [P], by adapterLayout
 */
export function initialValues(layout: AdapterLayout, seed: number): Float32Array<ArrayBuffer> {
  const values = new Float32Array(layout.size);
  for (const { role, module, index, expert, shape, offset } of layout.tensors) {
    if (role === 'B') continue;
    const [rows, width] = shape;
    const stream = role === 'router' ? 1 : 0;
    const key = dropoutKey(seed ^ INITIALISATION, index, moduleIndex(module), expert, stream, 0);
    const bound = 1 / Math.sqrt(width);
    for (let i = 0; i < rows * width; i++) {
      const unit = (lowbias32(key ^ lowbias32(i)) + 0.5) / 2 ** 32;
      values[offset + i] = (2 * unit - 1) * bound;
    }
  }
  return values;
}
